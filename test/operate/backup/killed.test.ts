import { existsSync } from 'node:fs';
import { readdir, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import type { BackupEvent } from '../../../src/operate/backup';
import { checkArchive } from '../../../src/operate/backup/archive-reader';
import { archiveName } from '../../../src/operate/backup/names';
import { readUnfinished } from '../../../src/history';
import { useDatabase } from '../../support/database';
import { backupOf, contentOf, fillResults, hashOf, restoreInto, script, temporaryFolder } from './support';

const database = useDatabase();
const moments = Array.from({ length: 10 }, (_, at) => (at + 0.5) / 10);
const documents = 5_000;

beforeEach(async () => {
  await database.db.dropDatabase();
  await fillResults(database.db, documents);
});

/** How long a run takes when it is left alone, in milliseconds. */
async function timed(run: () => PromiseLike<{ exitCode?: number; stderr: string }>): Promise<number> {
  const started = performance.now();
  const { exitCode, stderr } = await run();
  expect(exitCode, stderr).toBe(0);
  return performance.now() - started;
}

/** Starts a script and ends its process at once after some time, counted from what it says first. */
async function killAfter(milliseconds: number, run: () => ReturnType<typeof script>, says?: string): Promise<void> {
  const running = run();
  let said = '';
  running.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  if (says !== undefined) await expect.poll(() => said, { timeout: 60_000, interval: 5 }).toContain(says);
  await sleep(milliseconds);
  running.kill('SIGKILL');
  await running;
}

describe('A backup that is killed', () => {
  it('at ten moments leaves nothing that looks like a backup and is none, and removes none; the next one cleans up', async () => {
    const folder = await temporaryFolder();
    const old = archiveName(database.name, new Date('2020-01-01'));
    await writeFile(path.join(folder, old), '');
    const run = (...args: string[]) =>
      script('backup_db.sh', ['--out', folder, ...args], { env: { MONGODB_DATABASE: database.name } });
    const duration = await timed(() => run('--retention', '36500'));
    for (const moment of moments) {
      const before = await contentOf(folder, database.name);
      await killAfter(moment * duration, () => run('--retention', '36500'));
      const { backups } = await contentOf(folder, database.name);
      expect(backups).toEqual(expect.arrayContaining(before.backups));
      for (const name of backups.filter((name) => name !== old)) {
        expect((await checkArchive(path.join(folder, name))).dump.collections).toMatchObject([{ documents }]);
      }
    }
    const drafts = ['x', 'x.new', 'x.break'].map((name) => path.join(folder, `.backup.lock.${name}`));
    for (const draft of drafts) await writeFile(draft, '');
    const left = (await readdir(folder)).filter((name) => name.startsWith('.backup.lock.'));
    const config = await temporaryFolder('sentimatrix-tool-');
    await writeFile(path.join(config, 'config.yaml'), '');
    const hoursAgo = new Date(Date.now() - 7_200_000);
    await utimes(config, hoursAgo, hoursAgo);
    for (const name of left) await utimes(path.join(folder, name), hoursAgo, hoursAgo);
    const { file, removed } = await backupOf(database.name, folder, { retention: 1 });
    expect(removed).toEqual([old]);
    expect(existsSync(config)).toBe(false);
    const { backups, partials, others } = await contentOf(folder, database.name);
    expect({ partials, others }).toEqual({ partials: [], others: [] });
    expect(backups).toContain(path.basename(file));
  }, 120_000);
});

describe('A restore that is killed', () => {
  it('at ten moments leaves what was there before, in place or in a safety copy that it names, and can be run again', async () => {
    const folder = await temporaryFolder();
    const { file } = await backupOf(database.name, folder);
    const restoredHash = await hashOf(database.db);
    const reset = async () => {
      await database.db.dropDatabase();
      await database.db
        .collection('results')
        .insertMany(Array.from({ length: 1_000 }, (_, _id) => ({ _id: _id as never })));
      return hashOf(database.db);
    };
    const run = () =>
      script('restore_db.sh', ['--drop', '--yes', file], {
        env: { MONGODB_DATABASE: database.name, SCHEMA_LEASE_SECONDS: '2' },
      });
    await reset();
    const duration = await timed(run);
    let halfRestored = 0;
    const early = moments.slice(0, 4).map((moment): [number] => [moment * duration]);
    const late = [0, 50, 100, 200, 400, 800].map((delay): [number, string] => [delay, 'what is there is in']);
    for (const [delay, says] of [...early, ...late]) {
      const before = await reset();
      await killAfter(delay, run, says);
      // What mongorestore had on its way may still land.
      await sleep(200);
      const unfinished = await readUnfinished(database.db);
      if (!unfinished) {
        expect([before, restoredHash]).toContainEqual(await hashOf(database.db));
        continue;
      }
      const { safety = '' } = unfinished;
      expect((await checkArchive(safety)).dump.collections).toMatchObject([{ name: 'results', documents: 1_000 }]);
      if (++halfRestored > 2) continue;
      // A backup of it must not take the place of good ones.
      await expect(backupOf(database.name, folder)).rejects.toThrow(`What was there before is in ${safety} on `);
      const events: BackupEvent[] = [];
      const onEvent = (event: BackupEvent) => events.push(event);
      await restoreInto(database.name, halfRestored === 1 ? file : safety, { drop: true, onEvent });
      expect(events).toContainEqual({ type: 'warning', message: expect.stringContaining(safety) as string });
      expect(await hashOf(database.db)).toEqual(halfRestored === 1 ? restoredHash : before);
      expect(await readUnfinished(database.db)).toBeNull();
    }
    expect(halfRestored).toBeGreaterThan(0);
    // The safety copy of each restore cleans up after the one before.
    await restoreInto(database.name, file, { drop: true });
    expect((await readdir(folder)).filter((name) => name.endsWith('.partial'))).toEqual([]);
  }, 180_000);
});
