/**
 * A program for a test to kill: `run-deploys URL DATABASE=FOLDER …`. It deploys all of these at once, and writes the name of
 * the database for each batch that is done there.
 */
import { readdirSync } from 'node:fs';
import { deploy } from '../../src/deploy';

const [url = '', ...targets] = process.argv.slice(2);
for (const target of targets) {
  const [database = '', folder = ''] = target.split('=');
  deploy({
    url,
    database,
    folder,
    adopt: true,
    commit: 'a test',
    allowDataLoss: readdirSync(folder),
    onEvent: ({ type }) => {
      if (type === 'progress') process.stdout.write(`${database}\n`);
    },
  }).catch((error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  });
}
