import type { Reporter, TestModule } from 'vitest/node';

/** Ends the output with one line for people and scripts: `12 passed, 0 failed, 1 skipped`. */
export default class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    // A file that cannot be loaded has no tests, and an error outside of tests belongs to none: both count as failures.
    const counts = { passed: 0, failed: errors.length, skipped: 0 };
    for (const module of modules) {
      counts.failed += module.errors().length;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state !== 'pending') counts[state]++;
      }
    }
    const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : '';
    // Print it after the default reporter's own summary.
    process.once('exit', () => {
      console.log(`${counts.passed} passed, ${counts.failed} failed${skipped}`);
    });
  }
}
