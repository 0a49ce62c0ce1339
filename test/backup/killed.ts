import { existsSync } from 'node:fs';
import { readdir, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execaSync } from 'execa';
import { beforeEach, describe, expect, it } from 'vitest';
import { resumeRestore, undoRestore } from '../../src/backup';
import { checkArchive } from '../../src/backup/archive-reader';
import { archiveName } from '../../src/backup/folder';
import { readUnfinished } from '../../src/history';
import { letLeaseRunOut } from '../support/lease';
import { useDatabase } from '../support/database';
import { describePoint, pointRecorder, treatAt, type Point } from '../support/points';
import { startProxy } from '../support/proxy';
import {
  backupOf,
  contentOf,
  fillResults,
  hashOf,
  namesOfRestores,
  restoreInto,
  script,
  temporaryFolder,
} from './support';

interface Extent {
  /** The commands after which a backup is killed, beside one in the middle of its dump; and a restore. */
  readonly backupAt: readonly Point[] | 'each command';
  readonly restoreAt: readonly Point[];
  /** Whether they are also killed at some moments, wherever they are then. */
  readonly atMoments: boolean;
}

/** Starts a script that works on the server at an address. */
type Start = (url: string) => ReturnType<typeof script>;

/** Of what is backed up. */
const documents = 5_000;
/** Of what a restore replaces. */
const replaced = 1_000;
/** Of a dump of the documents. */
const whileDumping: Point = { kind: 'getMore results', occurrence: 1 };
const moments = Array.from({ length: 10 }, (_, at) => (at + 0.5) / 10);

/** To be called in a file. */
export function testKilled({ backupAt, restoreAt, atMoments }: Extent): void {
  const database = useDatabase();
  beforeEach(async () => {
    await database.db.dropDatabase();
    await fillResults(database.db, documents);
  });
  const extent = (at: Extent['backupAt']) =>
    [
      ...(at === 'each command' ? ['at each command'] : at.map(describePoint)),
      ...(atMoments ? ['at ten moments'] : []),
    ].join(', ');

  describe('A backup that is killed', () => {
    it(
      `leaves nothing that looks like a backup and is none, and removes none; the next one cleans up (${extent(backupAt)})`,
      { timeout: 300_000 },
      async () => {
        const folder = await temporaryFolder();
        const old = archiveName(database.name, new Date('2020-01-01'));
        await writeFile(path.join(folder, old), '');
        await writeFile(path.join(folder, archiveName(database.name, new Date(Date.now() - 3_600_000))), '');
        const start: Start = (url) =>
          script('backup_db.sh', ['--out', folder, '--retention', '36500'], {
            env: { MONGODB_URL: url, MONGODB_DATABASE: database.name },
          });
        let before = await contentOf(folder, database.name);
        const expectOnlyBackups = async () => {
          const { backups } = await contentOf(folder, database.name);
          expect(backups).toEqual(expect.arrayContaining(before.backups));
          for (const name of backups.filter((name) => !before.backups.includes(name))) {
            expect((await checkArchive(path.join(folder, name))).dump.collections).toMatchObject([{ documents }]);
          }
          before = await contentOf(folder, database.name);
        };
        const duration = atMoments ? await durationOf(() => start(database.url)) : 0;
        for (const moment of atMoments ? moments : []) {
          await killAfter(moment * duration, () => start(database.url));
          await expectOnlyBackups();
        }
        // The last one is killed in the middle, so that there is something to clean up.
        for (const point of [...(await pointsOf(database.url, backupAt, start)), whileDumping]) {
          await killAt(database.url, point, start);
          await expectOnlyBackups();
        }
        expect(before.partials, 'what was left half done').not.toEqual([]);

        const drafts = ['x', 'x.new', 'x.break'].map((name) => path.join(folder, `.backup.lock.${name}`));
        for (const draft of drafts) await writeFile(draft, '');
        const left = (await readdir(folder)).filter((name) => name.startsWith('.backup.lock.'));
        const config = await temporaryFolder('schema-tool-');
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
      },
    );
  });

  describe('A restore that is killed', () => {
    it(
      `leaves what was there, or is finished by --resume or taken back by --undo (${extent(restoreAt)})`,
      { timeout: 600_000 },
      async () => {
        const folder = await temporaryFolder();
        const { file } = await backupOf(database.name, folder);
        const restoredHash = await hashOf(database.db);
        const reset = async () => {
          await database.db.dropDatabase();
          const older = Array.from({ length: replaced }, (_, _id) => ({ _id: _id as never }));
          await database.db.collection('results').insertMany(older);
          return hashOf(database.db);
        };
        const start: Start = (url) =>
          script('restore_db.sh', ['--drop', '--yes', file], {
            env: { MONGODB_URL: url, MONGODB_DATABASE: database.name, SCHEMA_LEASE_SECONDS: '10' },
          });
        const target = { url: database.url, database: database.name };
        let halfRestored = 0;
        const expectRecoverable = async (kill: () => Promise<void>, runsOut: 'at once' | 'with the time') => {
          const before = await reset();
          await kill();
          if (runsOut === 'at once') await letLeaseRunOut(database.db);
          if (!(await readUnfinished(database.db))) {
            expect([before, restoredHash]).toContainEqual(await hashOf(database.db));
            return;
          }
          // A backup of it must not take the place of good ones.
          await expect(backupOf(database.name, folder)).rejects.toThrow('undo the restore with `restore --undo`');
          const forward = halfRestored++ % 2 === 0;
          await (forward ? resumeRestore : undoRestore)(target);
          expect(await hashOf(database.db)).toEqual(forward ? restoredHash : before);
          expect(await readUnfinished(database.db)).toBeNull();
        };
        for (const point of restoreAt) {
          await expectRecoverable(() => killAt(database.url, point, start), 'at once');
        }
        await reset();
        const duration = atMoments ? await durationOf(() => start(database.url)) : 0;
        const early = moments.slice(4, 8).map((moment): [number] => [moment * duration]);
        const late = [0, 5, 10, 20, 40].map((delay): [number, string] => [delay, 'exchanging']);
        for (const [delay, says] of atMoments ? [...early, ...late] : []) {
          await expectRecoverable(() => killAfter(delay, () => start(database.url), says), 'at once');
        }
        if (!atMoments) expect(halfRestored).toBe(2);
        // What was loaded and left goes with the next one.
        await restoreInto(database.name, file, { drop: true });
        expect(await hashOf(database.db)).toEqual(restoredHash);
        expect(await namesOfRestores(database.db)).toEqual([]);
      },
    );
  });
}

/** The commands at which to kill a script; each one is what a run sends that is left alone. */
async function pointsOf(url: string, at: readonly Point[] | 'each command', start: Start): Promise<readonly Point[]> {
  if (at !== 'each command') return at;
  const { points, record } = pointRecorder();
  const proxy = await startProxy(url, record);
  await expectDone(start(proxy.url));
  await proxy.close();
  return points;
}

/** Starts a script, and ends its process at once when the server has carried a command out. */
async function killAt(url: string, point: Point, start: Start): Promise<void> {
  let endTools: () => void = () => undefined;
  const onReply = () => {
    endTools = killAlone(running);
  };
  const proxy = await startProxy(
    url,
    treatAt(point, () => ({ cut: 'reply', onReply })),
  );
  const running = start(proxy.url);
  await running;
  // Nothing that the tools of MongoDB had on their way lands after this.
  await proxy.close();
  endTools();
}

/** Starts a script and ends its process at once after some time, counted from what it says first. */
async function killAfter(milliseconds: number, start: () => ReturnType<typeof script>, says?: string): Promise<void> {
  const running = start();
  let said = '';
  running.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  if (says !== undefined) await expect.poll(() => said, { timeout: 60_000, interval: 5 }).toContain(says);
  await sleep(milliseconds);
  const endTools = killAlone(running);
  await running;
  // What mongorestore had on its way may still land.
  await sleep(200);
  endTools();
}

/** Ends the process of a script, and none of the tools that it has started. Returns what ends those. */
function killAlone(running: ReturnType<typeof script>): () => void {
  const { stdout } = execaSync('pgrep', ['-P', String(running.pid)], { reject: false });
  running.kill('SIGKILL');
  return () => {
    for (const pid of stdout.split('\n').filter(Boolean)) {
      try {
        process.kill(Number(pid), 'SIGKILL');
      } catch {
        // It has ended by itself.
      }
    }
  };
}

/** How long a run takes when it is left alone, in milliseconds. */
async function durationOf(start: () => ReturnType<typeof script>): Promise<number> {
  const started = performance.now();
  await expectDone(start());
  return performance.now() - started;
}

async function expectDone(running: ReturnType<typeof script>): Promise<void> {
  const { exitCode, stderr } = await running;
  expect(exitCode, stderr).toBe(0);
}
