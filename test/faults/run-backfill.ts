/** A program for a test to kill: `run-backfill URL DATABASE FOLDER`. It writes a line for each batch that is done. */
import { deploy } from '../../src/deploy';

const [url = '', database = '', folder = ''] = process.argv.slice(2);
deploy({
  url,
  database,
  folder,
  adopt: true,
  onEvent: ({ type }) => {
    if (type === 'progress') process.stdout.write('batch\n');
  },
}).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
