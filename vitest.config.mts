import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** What takes longest begins first: at the end no worker waits for another one. */
const longest = [
  'test/faults/',
  'test/product/next',
  'test/product/cookbook',
  'test/concurrency/',
  'test/backup/',
  'test/health/',
  'test/seeders/',
  'test/cli/',
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) =>
      (longest.findIndex((folder) => moduleId.includes(`/${folder}`)) + longest.length + 1) % (longest.length + 1);
    return (await super.sort(files)).toSorted((one, other) => rank(one) - rank(other));
  }
}

// Tests configure what they start themselves: no variable of the person's own database may reach them.
for (const name of Object.keys(process.env)) {
  if (/^(?:MONGODB|SCHEMA)_/.test(name)) Reflect.deleteProperty(process.env, name);
}

/** Exhaustive tests: every fault at every command, failovers, many rounds, big data. They run by `npm run test:deep` alone. */
const exhaustive = 'test/**/*.deep.test.ts';
const isDeep = process.env['TEST_DEPTH'] === 'deep';

export default defineConfig({
  test: {
    include: [isDeep ? exhaustive : 'test/**/*.test.ts'],
    exclude: isDeep ? [] : [exhaustive],
    globalSetup: ['test/support/global-setup.ts'],
    reporters: ['default', './test/support/summary-reporter.ts'],
    sequence: { sequencer: LongestFirst },
    pool: 'forks',
    // Files share the modules that a worker has loaded: loading them took a quarter of the time. The deep tests have few files.
    isolate: isDeep,
    // Vitest does not transform what migrate-mongo and the migration loader require.
    execArgv: ['-r', './scripts/quick-start.js'],
    // Much of the time goes into waiting: for leases to run out, for elections, for processes to start.
    maxWorkers: 3,
    // A deep test may be long; what hangs is found all the same.
    testTimeout: isDeep ? 600_000 : 60_000,
    hookTimeout: isDeep ? 300_000 : 120_000,
  },
});
