import { beforeEach, describe, expect, it } from 'vitest';
import { resumeRestore, undoRestore } from '../../src/backup';
import { deploy, status } from '../../src/deploy';
import { checkHealth } from '../../src/health';
import { readUnfinished } from '../../src/history';
import { useDatabase, type TestDatabase } from '../support/database';
import { letLeaseRunOut } from '../support/lease';
import { describePoint, pointCounter, pointRecorder, type Point } from '../support/points';
import { startProxy } from '../support/proxy';
import { backupOf, namesOfRestores, restoreInto, targetOf, temporaryFolder } from './support';
import { backUpEverything, fillBefore, stateOf } from './swapping';

interface Extent {
  /** The commands after which nothing of a restore reaches the server any more; `spread` over all of its commands, so many. */
  readonly points: readonly Point[] | { readonly spread: number };
}

/** To be called in a file: restores that die in the middle. */
export function testCutOff({ points }: Extent): void {
  const database = useDatabase();
  beforeEach(() => database.db.dropDatabase());

  describe('A restore that is cut off', () => {
    it('has changed nothing, or is finished by --resume or taken back by --undo', { timeout: 600_000 }, async () => {
      const { db, name, url } = database;
      const { file, state: after } = await backUpEverything(db);
      const prepare = async () => {
        await db.dropDatabase();
        await fillBefore(db);
        return stateOf(db);
      };
      await prepare();
      const chosen = 'spread' in points ? await spreadPoints(database, file, points.spread) : points;
      const endings: string[] = [];
      for (const point of chosen) {
        const before = await prepare();
        const at = describePoint(point);
        expect(await dieAt(url, point, { name, file }), at).toBeDefined();
        await letLeaseRunOut(db);
        if (await readUnfinished(db)) await expectHalfRestored(database, file);
        const by = endings.length % 2 === 0 ? 'resume' : 'undo';
        endings.push(await endWhatIsLeft(database, { before, after, at, by }));
      }
      expect(new Set(endings)).toEqual(new Set(['before', 'resumed', 'undone', 'after']));
    });
  });
}

interface Left {
  /** The state that the database had, and the one that its backup leads to. */
  readonly before: unknown;
  readonly after: unknown;
  readonly at: string;
  /** What ends the restore if it left the database half restored. */
  readonly by: 'resume' | 'undo';
}

/** After a restore that did not come to its end: the database is whole, or is made so, and nothing of the restore stays. */
export async function endWhatIsLeft(
  { db, name }: TestDatabase,
  { before, after, at, by }: Left,
): Promise<'before' | 'after' | 'resumed' | 'undone'> {
  const isHalf = (await readUnfinished(db)) !== null;
  const state = await stateOf(db);
  if (!isHalf) expect([before, after], at).toContainEqual(state);
  const wanted = !isHalf ? state : by === 'resume' ? after : before;
  // One that was cut off before the exchange, or after it, leaves collections to remove.
  await (isHalf && by === 'resume' ? resumeRestore : undoRestore)(targetOf(name));
  expect(await stateOf(db), at).toEqual(wanted);
  expect(await namesOfRestores(db), at).toEqual([]);
  expect(await readUnfinished(db)).toBeNull();
  if (isHalf) return by === 'resume' ? 'resumed' : 'undone';
  return JSON.stringify(state) === JSON.stringify(before) ? 'before' : 'after';
}

/** Everyone who is asked says the same of it. */
async function expectHalfRestored({ db, name }: TestDatabase, file: string): Promise<void> {
  const fix = 'undo the restore with `restore --undo`, or finish it with `restore --resume`';
  expect((await status(targetOf(name))).unfinishedRestore).toMatchObject({ fix });
  await expect(deploy(targetOf(name))).rejects.toMatchObject({
    code: 'HISTORY',
    fix: expect.stringContaining(fix) as string,
  });
  expect((await checkHealth(db)).reasons).toContainEqual(expect.stringContaining('half restored'));
  await expect(restoreInto(name, file, { drop: true })).rejects.toMatchObject({ code: 'HISTORY' });
}

/** Kills a restore of two collections after it has exchanged `first`, and has moved `results` away. Returns the state before, and that of the backup. */
export async function dieHalfWay({ db, name, url }: TestDatabase) {
  const fill = async (of: string) => {
    for (const collection of ['first', 'results']) await db.collection(collection).insertOne({ of });
  };
  await fill('the backup');
  const after = await stateOf(db);
  const { file } = await backupOf(name, await temporaryFolder());
  await db.dropDatabase();
  await fill('before');
  const before = await stateOf(db);
  expect(await dieAt(url, { kind: 'renameCollection results', occurrence: 1 }, { name, file })).toBeDefined();
  await letLeaseRunOut(db);
  return { before, after, file };
}

export async function dieAt(
  url: string,
  point: Point,
  { name, file }: { name: string; file: string },
): Promise<unknown> {
  const abandon = new AbortController();
  const toPoint = pointCounter();
  let isDead = false;
  const proxy = await startProxy(url, (command) => {
    if (isDead) return { cut: 'before' };
    if (describePoint(toPoint(command)) !== describePoint(point)) return undefined;
    const onReply = () => {
      isDead = true;
      abandon.abort();
    };
    return { cut: 'reply', onReply };
  });
  try {
    return await restoreInto(name, file, { url: proxy.url, drop: true, abandon: abandon.signal }).then(
      () => undefined,
      (error: unknown) => error,
    );
  } finally {
    await proxy.close();
  }
}

/** Commands of a whole restore: so many, with the same distance between them, and each of those that exchange. */
async function spreadPoints({ name, url }: TestDatabase, file: string, count: number): Promise<Point[]> {
  const { points: all, record } = pointRecorder();
  const proxy = await startProxy(url, record);
  await restoreInto(name, file, { url: proxy.url, drop: true });
  await proxy.close();
  const step = all.length / count;
  return all.filter((_, at) => Math.floor(at / step) !== Math.floor((at - 1) / step));
}
