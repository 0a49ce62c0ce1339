import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { expect, it } from 'vitest';
import { readEvents } from '../../src/history';
import { useDatabase, type TestDatabase } from '../support/database';
import { typeScript } from '../support/type-script';
import { letLeaseRunOut } from '../support/lease';

const program = path.join(__dirname, 'run-backfill.ts');

interface Extent {
  /** Of the migration: one whose filter leaves out what is updated, or one that updates each document once. */
  readonly folder: 'backfill' | 'once';
  /** Enough of them that the backfill is not done before the last kill: each one costs a few batches of a hundred. */
  readonly documents: number;
  readonly kills: number;
}

/** To be called in a file. */
export function testKilledBackfill({ folder, documents, kills }: Extent): void {
  const database = useDatabase();

  it(
    `A backfill (${folder}) that is killed ${kills} times updates each document exactly once`,
    { timeout: 180_000 },
    async () => {
      const posts = database.db.collection<{ _id: number; updates?: number }>('posts');
      await posts.insertMany(Array.from({ length: documents }, (_, at) => ({ _id: at })));
      let left = documents;
      for (let kill = 1; kill <= kills; kill++) {
        expect(await run(database, folder, 1 + (kill % 4))).toBeNull();
        const now = await posts.countDocuments({ updates: { $exists: false } });
        expect(now, 'it goes on from where it was').toBeLessThan(left);
        left = now;
        await letLeaseRunOut(database.db);
      }
      expect(left).toBeGreaterThan(0);
      expect(await run(database, folder)).toBe(0);
      expect(await posts.countDocuments({ updates: 1 })).toBe(documents);
      // What leaves no trace in the documents is remembered.
      expect(await database.db.collection('schema_checkpoints').countDocuments()).toBe(folder === 'once' ? 1 : 0);
      const types = (await readEvents(database.db)).map(({ type }) => type);
      expect(types.filter((type) => type === 'interrupted')).toHaveLength(kills);
      expect(types.at(-1)).toBe('finished');
    },
  );
}

/** Runs the program until it has done so many batches, then kills it. Resolves to its exit code, null once killed. */
async function run(
  { url, name }: TestDatabase,
  folder: string,
  batches = Number.POSITIVE_INFINITY,
): Promise<number | null> {
  const args = [...typeScript, program, url, name, path.join(__dirname, folder)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit') as Promise<[number | null]>;
  let seen = 0;
  createInterface(child.stdout).on('line', () => {
    // Between two batches, or somewhere within the next one.
    if (++seen === batches) setTimeout(() => child.kill('SIGKILL'), (batches * 3) % 11);
  });
  return (await ended)[0];
}
