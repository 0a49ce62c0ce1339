import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** What takes longest begins first: at the end no worker waits for another one. */
const longest = ['test/faults/', 'test/concurrency/', 'test/operate/', 'test/seeders/', 'test/commands/'];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) =>
      (longest.findIndex((folder) => moduleId.includes(`/${folder}`)) + longest.length + 1) % (longest.length + 1);
    return (await super.sort(files)).toSorted((one, other) => rank(one) - rank(other));
  }
}

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    reporters: ['default', './test/support/summary-reporter.ts'],
    sequence: { sequencer: LongestFirst },
    pool: 'forks',
    // Vitest does not transform what migrate-mongo and the migration loader require.
    execArgv: ['-r', './test/support/cached-ts-node.js'],
    // Much of the time goes into waiting: for leases to run out, for elections, for processes to start.
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
