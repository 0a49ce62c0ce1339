import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { expect, it } from 'vitest';
import { readEvents } from '../../src/history';
import { useDatabase } from '../support/database';
import { typeScript } from '../support/type-script';

const documents = 20_000;
const kills = 10;
const program = path.join(__dirname, 'run-backfill.ts');
const folder = path.join(__dirname, 'backfill');
const database = useDatabase();
const posts = () => database.db.collection<{ _id: number; language?: string; updates?: number }>('posts');

/** Runs the program until it has done so many batches, then kills it. Resolves to its exit code, null once killed. */
async function run(batches = Number.POSITIVE_INFINITY): Promise<number | null> {
  const args = [...typeScript, program, database.url, database.name, folder];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit') as Promise<[number | null]>;
  let seen = 0;
  createInterface(child.stdout).on('line', () => {
    if (++seen === batches) child.kill('SIGKILL');
  });
  return (await ended)[0];
}

/** Stands for the time after which the lease of a killed run has run out. */
async function letLeaseRunOut(): Promise<void> {
  const lock = database.db.collection<{ _id: string; expires_at: Date }>('schema_lock');
  await lock.updateOne({ _id: 'lease' }, { $set: { expires_at: new Date(0) } });
}

it(`A backfill that is killed ${kills} times updates each document exactly once`, { timeout: 180_000 }, async () => {
  await posts().insertMany(Array.from({ length: documents }, (_, at) => ({ _id: at })));
  let left = documents;
  for (let kill = 1; kill <= kills; kill++) {
    expect(await run(1 + (kill % 4))).toBeNull();
    const now = await posts().countDocuments({ language: { $exists: false } });
    expect(now, 'it goes on from where it was').toBeLessThan(left);
    left = now;
    await letLeaseRunOut();
  }
  expect(left).toBeGreaterThan(0);
  expect(await run()).toBe(0);
  expect(await posts().countDocuments({ language: 'en', updates: 1 })).toBe(documents);
  expect(await database.db.collection('schema_checkpoints').countDocuments()).toBe(0);
  const types = (await readEvents(database.db)).map(({ type }) => type);
  expect(types.filter((type) => type === 'interrupted')).toHaveLength(kills);
  expect(types.at(-1)).toBe('finished');
});
