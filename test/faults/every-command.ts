import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { isHeld } from '../../src/history';
import type { Direction } from '../../src/migration';
import { uniqueName } from '../support/database';
import { useOwnServer, type OwnServer } from '../support/own-server';
import { killed, refused, replyLost, type Fault } from './faults';
import { runFixture } from './fixture';
import { deletedRowUnsaid, expectConverged, expectFinished, letLeaseRunOut } from './outcome';
import { describePoint, recordPoints, writes, type Point } from './points';

/** A fault, in words, and how many runs with it go on side by side. */
type Case = readonly [when: string, fault: Fault, atOnce: number];

/** Where a deploy is to go wrong, and where the rollback after it; nowhere when there is no such point any more. */
type Places = Readonly<Record<Direction, Point | undefined>>;

/**
 * What comes after a command that only reads has a twin: a process killed then leaves what one killed after the write
 * before it leaves, and to both sides the lost reply is a connection that ended before the command. CI on many machines
 * tries the twins as well: FAULTS=all.
 */
const hasTwin = (fault: Fault, point: Point) =>
  (fault === killed || fault === replyLost) && !writes(point) && process.env['FAULTS'] !== 'all';

/** To be called in a file: lets every command of a deploy and of a rollback meet each fault, and runs it again. */
export function testEveryCommand(faults: readonly Case[]): void {
  const own = useOwnServer();
  let points: Record<Direction, readonly Point[]> = { up: [], down: [] };
  const pointsFor = (fault: Fault, direction: Direction) => points[direction].filter((point) => !hasTwin(fault, point));

  // Else each run starts git to ask for the commit.
  vi.stubEnv('SCHEMA_COMMIT', 'a test');
  beforeAll(async () => {
    const { url } = own.server;
    points = { up: await recordPoints(url, 'up'), down: await recordPoints(url, 'down') };
  });
  afterAll(() => {
    for (const [when, fault] of faults) {
      const cases = pointsFor(fault, 'up').length + pointsFor(fault, 'down').length;
      console.log(`${cases} of ${points.up.length + points.down.length} commands: ${when}`);
    }
  });

  describe('Every command of a deploy and of a rollback', () => {
    it('is known', () => {
      expect(points.up.length).toBeGreaterThan(40);
      expect(points.down.length).toBeGreaterThan(40);
    });

    it.each(faults)(
      'may go wrong, and the next run puts it right: %s',
      { timeout: 600_000 },
      async (_when, fault, atOnce) => {
        const [up, down] = [pointsFor(fault, 'up'), pointsFor(fault, 'down')];
        const places = Array.from({ length: Math.max(up.length, down.length) }, (_, at) => ({
          up: up[at],
          down: down[at],
        }));
        expect(await failuresOf(places, atOnce, (place) => convergesAfter(own, fault, place))).toEqual([]);
      },
    );
  });
}

/** What went wrong, a line each; several are tried at once. */
async function failuresOf(
  places: readonly Places[],
  atOnce: number,
  attempt: (place: Places) => Promise<void>,
): Promise<string[]> {
  const failures: string[] = [];
  const queue = places.values();
  const worker = async () => {
    for (const place of queue) {
      await attempt(place).catch((error: unknown) => {
        failures.push(error instanceof Error ? error.message : String(error));
      });
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return failures;
}

/** The rollback has the database that the deploy before it has left. */
async function convergesAfter(own: OwnServer, fault: Fault, places: Places): Promise<void> {
  // A run may ask a question or two less than the others did, and then it never comes to the last one.
  for (let tries = 5; tries > 0; tries--) {
    const database = uniqueName();
    const meet = (direction: Direction, point: Point | undefined) =>
      putsRight(own, database, fault, direction, point).catch((error: unknown) => {
        const where = `${direction}, ${point === undefined ? 'without a fault' : describePoint(point)}`;
        throw new Error(`${where}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
      });
    const happened = (await meet('up', places.up)) && (await meet('down', places.down));
    await own.client.db(database).dropDatabase();
    if (happened) return;
  }
  expect.fail(`the fault never happened: ${JSON.stringify(places)}`);
}

/** Lets a run go wrong, and runs it again. Resolves to whether the run came to that point at all. */
async function putsRight(
  own: OwnServer,
  database: string,
  fault: Fault,
  direction: Direction,
  point: Point | undefined,
): Promise<boolean> {
  const { url } = own.server;
  const { client } = own;
  const db = client.db(database);
  if (point === undefined) {
    await runFixture(url, database, direction);
    return true;
  }
  const { hit, error } = await fault({ url, client, database, direction, point });
  if (!hit) return false;

  const isRelease = point.kind === 'update schema_lock';
  if (fault === refused && !isRelease) expect(String(error), 'the error').toContain('failCommand');
  if (fault === killed || (fault === refused && isRelease)) await letLeaseRunOut(db);
  expect(await isHeld(db), 'the lease is held').toBe(false);

  const unsaid = await deletedRowUnsaid(db);
  await runFixture(url, database, direction);
  await expectConverged(db, direction);
  // The run before found nothing to do there. The next one that does gives the attempt its end.
  if (unsaid) await runFixture(url, database, 'up');
  await expectFinished(db, unsaid ? 'up' : direction);
  return true;
}
