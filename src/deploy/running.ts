import { setTimeout as sleep } from 'node:timers/promises';
import type { Db } from 'mongodb';
import { describeBuild, readIndexBuilds, type IndexBuild } from '../database';
import { isUnauthorized } from '../database/server-errors';
import { readPaces, type StoredPace } from '../execute/stored-pace';

/** An index build or a backfill that is running in a database now. */
export interface RunningWork {
  readonly kind: 'index build' | 'backfill';
  /** A description, such as `index build of users (email_1), scanning`. */
  readonly what: string;
  readonly collection: string;
  /** The unit of `done` and `total`. */
  readonly unit: 'documents' | 'keys';
  readonly done: number;
  readonly total: number;
  /** The rate per second. Absent if the rate is not known, or if there is no progress. */
  readonly perSecond?: number;
  /** The remaining time in seconds. Absent if there is no rate. */
  readonly secondsLeft?: number;
}

export interface Running {
  readonly running: readonly RunningWork[];
  /** Why `running` has no index builds: for example, a missing privilege. Absent if `running` includes the index builds. */
  readonly indexBuildsUnknown?: string;
}

/** The time between two reads, in milliseconds. The server reports the progress of an index build but not its rate, so two reads are needed. */
const betweenLooks = 1_000;

/**
 * Reads the running index builds of a database, from any client, and the backfills of a running migration. Writes nothing.
 * @param migration the name of the running migration, or undefined if none is running
 */
export async function readRunning(db: Db, migration: string | undefined): Promise<Running> {
  const [builds, backfills] = await Promise.all([
    readBuilds(db),
    migration === undefined ? [] : backfillsOf(db, migration),
  ]);
  if ('unknown' in builds) return { running: backfills, indexBuildsUnknown: builds.unknown };
  return { running: [...builds.running, ...backfills] };
}

async function readBuilds(db: Db): Promise<Pick<Running, 'running'> | { readonly unknown: string }> {
  const before = await readIndexBuilds(db);
  if ('unknown' in before) return before;
  if (before.builds.length === 0) return { running: [] };
  const looked = performance.now();
  await sleep(betweenLooks);
  const now = await readIndexBuilds(db);
  const seconds = (performance.now() - looked) / 1000;
  if ('unknown' in now) return now;
  const running = now.builds.map((build): RunningWork => {
    const { collection, unit, done, total } = build;
    const earlier = before.builds.find((one) => isSame(one, build));
    const perSecond = earlier ? (done - earlier.done) / seconds : 0;
    return { kind: 'index build', what: describeBuild(build), collection, unit, ...progressOf(done, total, perSecond) };
  });
  return { running };
}

function isSame(one: IndexBuild, other: IndexBuild): boolean {
  return describeBuild(one) === describeBuild(other) && one.total === other.total;
}

async function backfillsOf(db: Db, migration: string): Promise<RunningWork[]> {
  const paces = await readPaces(db, migration).catch((error: unknown) => {
    if (isUnauthorized(error)) return [];
    throw error;
  });
  return paces.map(({ pace, done }) => {
    const { collection, total } = pace;
    const progress = progressOf(Math.min(done, total), total, rateOf(pace, done));
    return { kind: 'backfill', what: `backfill ${collection}`, collection, unit: 'documents', ...progress };
  });
}

/** Returns the rate per second since the run started or continued the backfill. */
function rateOf({ since, from, at }: StoredPace, done: number): number {
  return (done - from) / ((at.getTime() - since.getTime()) / 1000);
}

function progressOf(
  done: number,
  total: number,
  perSecond: number,
): Pick<RunningWork, 'done' | 'total' | 'perSecond' | 'secondsLeft'> {
  if (!Number.isFinite(perSecond) || perSecond <= 0) return { done, total };
  const rate = { perSecond: Math.round(perSecond * 10) / 10, secondsLeft: Math.round((total - done) / perSecond) };
  return { done, total, ...rate };
}
