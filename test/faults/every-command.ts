import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isHeld } from '../../src/history';
import type { Direction } from '../../src/migration';
import { uniqueName } from '../support/database';
import { letLeaseRunOut } from '../support/lease';
import { useOwnServer, type OwnServer } from '../support/own-server';
import { describePoint, sizes, type Point } from '../support/points';
import { cutBefore, KILLED_TOGETHER, killed, refused, replyLost, type Fault } from './faults';
import { failuresOf, messageOf } from './failures';
import { runFixture } from './fixture';
import { deletedRowUnsaid, expectConverged, expectFinished } from './outcome';
import { phaseOf, phases, recordPoints, samplePoints, type Phase } from './points';

/**
 * How many runs with the fault go on side by side. A sample of the commands begins at one of the first eighty, and has a write
 * of some phases; all faults together meet a write of every phase.
 */
interface Plan {
  readonly atOnce: number;
  readonly sampleFrom: number;
  readonly sampleWrites: readonly Phase[];
}

/** A fault, in words. */
type FaultCase = readonly [when: string, fault: Fault, plan: Plan];

/** Faults of the server and of the connection. */
export const faultCases: readonly FaultCase[] = [
  ['when the server refuses it', refused, { atOnce: 4, sampleFrom: 0, sampleWrites: ['DDL', 'event'] }],
  [
    'when the connection ends before it',
    cutBefore,
    { atOnce: 6, sampleFrom: 20, sampleWrites: ['lease', 'changelog row'] },
  ],
  ['when its reply is lost', replyLost, { atOnce: 6, sampleFrom: 40, sampleWrites: ['document', 'DDL'] }],
];

/** Faults of the process. */
export const killCases: readonly FaultCase[] = [
  [
    'when the process is killed right after it',
    killed,
    { atOnce: KILLED_TOGETHER, sampleFrom: 60, sampleWrites: ['changelog row', 'DDL', 'document'] },
  ],
];

interface Extent {
  readonly commands: 'all' | 'sample';
  /**
   * How many runs in a row meet the fault before the one that does not, in words and as a number, each tried at every
   * `nth` of the commands.
   */
  readonly faults: readonly (readonly [times: string, inARow: number, nth: number])[];
}

/** Where a deploy meets the fault, and where the rollback after it does; undefined where no point is left. */
type PointPair = Readonly<Record<Direction, Point | undefined>>;

/** To be called in a file: lets a deploy and a rollback meet each fault at one command after the other. */
export function testFaults(cases: readonly FaultCase[], { commands, faults }: Extent): void {
  const own = useOwnServer();
  let known: Record<Direction, readonly Point[]> = { up: [], down: [] };
  const pointsFor = ({ sampleFrom, sampleWrites }: Plan, direction: Direction) =>
    commands === 'all' ? known[direction] : samplePoints(known[direction], sampleFrom, sampleWrites);

  beforeAll(async () => {
    const { url } = own.server;
    known = { up: await recordPoints(url, 'up'), down: await recordPoints(url, 'down') };
  });
  afterAll(() => {
    for (const [when, , plan] of cases) {
      const count = pointsFor(plan, 'up').length + pointsFor(plan, 'down').length;
      console.log(`${count} of ${known.up.length + known.down.length} commands: ${when}`);
    }
  });

  describe('The commands of a deploy and of a rollback', () => {
    it.each(['up', 'down'] as const)('are known, with writes of every phase: %s', (direction) => {
      expect(known[direction].length).toBeGreaterThan(40);
      const tried = cases.flatMap(([, , plan]) => pointsFor(plan, direction));
      expect(tried.map(phaseOf)).toEqual(expect.arrayContaining([...phases]));
    });
  });

  const extent = commands === 'all' ? 'Each command' : 'Each command of a sample';
  describe.each(faults)(
    `${extent} of a deploy and of a rollback may go wrong %s, and the next run converges`,
    (_times, inARow, nth) => {
      it.each(cases)('%s', { timeout: 1_800_000 }, async (_when, fault, plan) => {
        const isTried = (_: Point, at: number) => at % nth === plan.sampleFrom % nth;
        const [up, down] = [pointsFor(plan, 'up').filter(isTried), pointsFor(plan, 'down').filter(isTried)];
        const pairs = Array.from({ length: Math.max(up.length, down.length) }, (_, at) => ({
          up: up[at],
          down: down[at],
        }));
        const attempt = (pair: PointPair) => convergesUpAndDown(own, fault, pair, inARow);
        expect(await failuresOf(pairs, plan.atOnce, attempt)).toEqual([]);
      });
    },
  );
}

/** The kind of the command that checks the lease, and of a few other reads. */
const leaseCheck = 'find schema_lock';

/** The rollback has the database that the deploy before it has left. */
async function convergesUpAndDown(own: OwnServer, fault: Fault, pair: PointPair, inARow: number): Promise<void> {
  // A run may ask a question or two less than the others did, and then it never comes to the last one. How often it checks its lease
  // depends on how long it takes, so a point among these checks may never come.
  for (let tries = 5; tries > 0; tries--) {
    const mayBeMissing = (point: Point) => tries === 1 && point.kind === leaseCheck;
    const database = uniqueName();
    const runs = async (direction: Direction) => {
      const point = pair[direction];
      try {
        if (point !== undefined) {
          return (await convergesAfterFault(own, database, direction, point, fault, inARow)) || mayBeMissing(point);
        }
        await runFixture(own.server.url, database, direction);
        return true;
      } catch (error) {
        const where = `${direction}, ${point === undefined ? 'without a fault' : describePoint(point)}`;
        throw new Error(`${where}: ${messageOf(error)}`, { cause: error });
      }
    };
    const happened = (await runs('up')) && (await runs('down'));
    await own.client.db(database).dropDatabase();
    if (happened) return;
  }
  expect.fail(`the fault never happened: ${JSON.stringify(pair)}`);
}

/** Lets runs meet a fault, and one more run without it. Resolves to whether the first one came to that point at all. */
async function convergesAfterFault(
  own: OwnServer,
  database: string,
  direction: Direction,
  point: Point,
  fault: Fault,
  inARow: number,
): Promise<boolean> {
  const { client } = own;
  const { url } = own.server;
  const db = client.db(database);
  let isUnsaid = false;
  for (let time = 1; time <= inARow; time++) {
    const { happened, error, undetermined = [] } = await fault({ url, client, database, direction, point });
    if (!happened) {
      expect(error, 'the error of a run without a fault').toBeUndefined();
      if (time === 1) return false;
      // There was less left to do for this run than for the first one.
      break;
    }
    const isRelease = point.kind === 'update schema_lock';
    // A run does without the size of a collection, and without a check of the data if it says so.
    const mayDoWithout = error === undefined && (point.kind.startsWith(`${sizes} `) || undetermined.length > 0);
    if (fault === refused && !isRelease && !mayDoWithout) expect(String(error), 'the error').toContain('failCommand');
    if (fault === killed || (fault === refused && isRelease)) await letLeaseRunOut(db);
    expect(await isHeld(db), 'the lease is held').toBe(false);
    isUnsaid ||= await deletedRowUnsaid(db);
  }
  await runFixture(url, database, direction);
  await expectConverged(db, direction);
  // The run before found nothing to do there. The next one that does gives the attempt its end.
  if (isUnsaid) await runFixture(url, database, 'up');
  await expectFinished(db, isUnsaid ? 'up' : direction);
  return true;
}
