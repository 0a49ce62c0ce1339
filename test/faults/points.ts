import type { Direction } from '../../src/migration';
import { uniqueName } from '../support/database';
import { describePoint, pointRecorder, sizes, type Point } from '../support/points';
import { startProxy } from '../support/proxy';
import { runFixture } from './fixture';

/** What a run writes, by what it is for. */
export const phases = ['lease', 'event', 'DDL', 'changelog row', 'document'] as const;
export type Phase = (typeof phases)[number];

const reading = new Set(['aggregate', sizes, 'buildInfo', 'find', 'hello', 'listCollections', 'listIndexes']);
const ddl = new Set(['collMod', 'create', 'createIndexes', 'drop', 'dropIndexes', 'renameCollection']);
const bookkeeping: Readonly<Record<string, Phase>> = {
  schema_lock: 'lease',
  schema_history: 'event',
  changelog: 'changelog row',
};

/** Undefined for a command that only reads. */
export function phaseOf({ kind }: Point): Phase | undefined {
  const [name = '', collection = ''] = kind.split(' ');
  if (reading.has(name)) return undefined;
  return ddl.has(name) ? 'DDL' : (bookkeeping[collection] ?? 'document');
}

/** Every eightieth point, counted from one of the first eighty, and a write of each of these phases. */
export function samplePoints(points: readonly Point[], from: number, writes: readonly Phase[]): Point[] {
  const some = points.filter((_, at) => at % 80 === from);
  const missing = writes.filter((phase) => some.every((point) => phaseOf(point) !== phase));
  const added = missing.flatMap((phase) => {
    const ofPhase = points.filter((point) => phaseOf(point) === phase);
    return ofPhase.slice(from % ofPhase.length).slice(0, 1);
  });
  return [...some, ...added];
}

/** The commands that every run in a direction sends, in the order of one of them, but for renewals of its lease. */
export async function recordPoints(url: string, direction: Direction): Promise<Point[]> {
  const [first = [], ...others] = await Promise.all([1, 2, 3].map(() => recordOnce(url, direction)));
  // Questions that are asked at the same time share one answer, so one run may ask a few more than another.
  const known = others.map((points) => new Set(points.map(describePoint)));
  return first.filter((point) => known.every((points) => points.has(describePoint(point))));
}

async function recordOnce(url: string, direction: Direction): Promise<readonly Point[]> {
  const database = uniqueName();
  if (direction === 'down') await runFixture(url, database, 'up');
  const { points, record } = pointRecorder();
  const proxy = await startProxy(url, record);
  await runFixture(proxy.url, database, direction);
  await proxy.close();
  return points;
}
