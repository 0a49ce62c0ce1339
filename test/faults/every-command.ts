import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { isHeld } from '../../src/history';
import type { Direction } from '../../src/migration';
import { uniqueName } from '../support/database';
import { useOwnServer, type OwnServer } from '../support/own-server';
import { killed, refused, type Fault } from './faults';
import { runFixture } from './fixture';
import { deletedRowUnsaid, expectConverged, expectFinished, letLeaseRunOut } from './outcome';
import { describePoint, recordPoints, type Point } from './points';

/** A fault, in words, and how many runs with it go on side by side. */
type Case = readonly [when: string, fault: Fault, atOnce: number];

/** To be called in a file: lets every command of a deploy and of a rollback meet each fault, and runs it again. */
export function testEveryCommand(faults: readonly Case[]): void {
  const own = useOwnServer();
  let commands = 0;

  // Else each run starts git to ask for the commit.
  vi.stubEnv('SCHEMA_COMMIT', 'a test');
  afterAll(() => {
    console.log(`${commands} commands × ${faults.length} faults = ${commands * faults.length} cases`);
  });

  describe.each([
    ['a deploy', 'up'],
    ['a rollback', 'down'],
  ] as const)('Every command of %s', (_run, direction) => {
    let points: Point[] = [];
    beforeAll(async () => {
      points = await recordPoints(own.server.url, direction);
      commands += points.length;
    });

    it('is known', () => {
      expect(points.length).toBeGreaterThan(40);
    });

    it.each(faults)(
      'may go wrong, and the next run puts it right: %s',
      { timeout: 600_000 },
      async (_when, fault, atOnce) => {
        const converges = (point: Point) => convergesAfter(own, fault, direction, point);
        expect(await failuresOf(points, atOnce, converges)).toEqual([]);
      },
    );
  });
}

/** What went wrong, a line a point; several are tried at once. */
async function failuresOf(
  points: readonly Point[],
  atOnce: number,
  attempt: (point: Point) => Promise<void>,
): Promise<string[]> {
  const failures: string[] = [];
  const queue = points.values();
  const worker = async () => {
    for (const point of queue) {
      await attempt(point).catch((error: unknown) => {
        failures.push(`${describePoint(point)}: ${error instanceof Error ? error.message : String(error)}`);
      });
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return failures;
}

async function convergesAfter(own: OwnServer, fault: Fault, direction: Direction, point: Point): Promise<void> {
  const { url } = own.server;
  // A run may ask a question or two less than the others did, and then it never comes to the last one.
  for (let tries = 1; ; tries++) {
    const database = uniqueName();
    const db = own.client.db(database);
    if (direction === 'down') await runFixture(url, database, 'up');
    const { hit, error } = await fault({ url, client: own.client, database, direction, point });
    if (!hit && tries < 5) continue;
    expect(hit, 'the fault happened').toBe(true);

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
    await db.dropDatabase();
    return;
  }
}
