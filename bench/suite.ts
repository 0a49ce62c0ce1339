import path from 'node:path';
import { execa } from 'execa';
import { timed } from './compare';
import { keep } from './results';

/** The commands that a contributor waits for, with their goals in seconds. */
const suites = [
  { script: 'test', limit: 300 },
  { script: 'check', limit: 60 },
] as const;

/** Measures how long the quick tests and the checks take. Both use all cores, so no other program should run at the same time. */
async function main(): Promise<void> {
  for (const { script, limit } of suites) {
    const run = () =>
      execa('npm', ['run', script], { cwd: path.join(__dirname, '..'), stdout: 'ignore', stderr: 'inherit' });
    const seconds = (await timed(run)) / 1000;
    console.log(`${(seconds / 60).toFixed(1)} minutes`);
    keep({ kind: 'bound', what: `npm run ${script}`, unit: 's', value: seconds, limit });
  }
}

void main();
