import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    reporters: ['default', './test/support/summary-reporter.ts'],
    pool: 'forks',
    // Vitest does not transform what migrate-mongo and the migration loader require.
    execArgv: ['-r', 'ts-node/register'],
    // Much of the time goes into waiting: for leases to run out, for elections, for processes to start.
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
