/** A program for a test to kill: `run-fixture URL DATABASE up|down`. */
import type { Direction } from '../../src/migration';
import { runFixture } from './fixture';

const [url = '', database = '', direction = ''] = process.argv.slice(2);
runFixture(url, database, direction as Direction).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
