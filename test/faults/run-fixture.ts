/** A program for a test to kill: `run-fixture '[{"url": …, "database": …, "direction": "up"}]'`. */
import { runFixture } from './fixture';
import type { RunInProcess } from './faults';

const runs = JSON.parse(process.argv[2] ?? '') as RunInProcess[];
for (const [at, { url, database, direction }] of runs.entries()) {
  runFixture(url, database, direction).then(
    () => {
      console.log(JSON.stringify({ at }));
    },
    (error: unknown) => {
      console.log(JSON.stringify({ at, error: String(error) }));
      process.exitCode = 1;
    },
  );
}
