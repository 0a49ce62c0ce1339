/** A program for a test to kill: `run-fixture URL DATABASE up|down [LEASE_SECONDS]`. */
import type { Direction } from '../../src/migration';
import { runFixture } from './fixture';

const [url = '', database = '', direction = '', leaseSeconds] = process.argv.slice(2);
runFixture(url, database, direction as Direction, leaseSeconds === undefined ? undefined : Number(leaseSeconds)).catch(
  (error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  },
);
