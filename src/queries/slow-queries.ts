import type { Db } from 'mongodb';
import { readSchema, withReads, type Target } from '../database';
import { isUnauthorized } from '../database/server-errors';
import type { KnownQuery } from '../indexes';
import { foldMigrations, type Migration } from '../migration';
import { isOwnCollection, type Schema } from '../schema';
import { reportOf } from '../support/schema-error';
import type { LeftOut } from './entry';
import { tallyLog, type LogReport } from './log';
import { ProfileTally } from './profile';
import { inUse, runProfiler, settleLeftovers, type ProfilerOptions } from './profiler';
import { reportOn, type ShapesReport, type SlowShape } from './report';

export interface SlowQueriesOptions {
  readonly migrations: readonly Migration[];
  /** All that are known. */
  readonly queries: readonly KnownQuery[];
  /** How many shapes to tell of. */
  readonly top: number;
  /** Queries that take so many milliseconds, or more. */
  readonly slowMs: number;
}

export interface SlowQueriesReport extends ShapesReport {
  readonly source: 'profiler' | 'profile' | 'log';
  /** Where the indexes are told from: of a server, or of what the migrations lead to. */
  readonly indexesOf: 'server' | 'migrations';
  /** The server that was looked at. */
  readonly host?: string;
  /** Entries that are not counted: of other databases, of this tool and of the server, and commands on no collection. */
  readonly leftOut: Readonly<Record<LeftOut, number>>;
  /** Of a profiler that was opened: false when the server wrote more than the profile holds between two looks at it. */
  readonly isWhole?: boolean;
  /** Somebody else changed the settings of the profiler meanwhile; they were left as they are. */
  readonly wasDisturbed?: boolean;
  readonly log?: Omit<LogReport, 'leftOut'>;
  /** Servers on which a run that did not end had left the profiler open, and what became of it. */
  readonly leftovers?: readonly LeftoverReport[];
}

export interface LeftoverReport {
  readonly host: string;
  readonly state: 'put back' | 'not allowed' | 'in use';
}

/** What the profile of a database holds, as it is. It changes nothing, but puts back what a run that did not end has left. */
export function slowInProfile(target: Target, { slowMs, ...options }: SlowQueriesOptions): Promise<SlowQueriesReport> {
  return withReads(target, async ({ db }) => {
    const found = await settleLeftovers(target, db, { waits: false });
    const counted = new ProfileTally(db);
    await counted.read({ slowMs });
    const { schema, indexesOf } = await schemaOf(db, options.migrations);
    const { leftOut, tally } = counted;
    return { source: 'profile', indexesOf, leftOut, ...leftoversIn(found), ...reportOn(tally, { ...options, schema }) };
  });
}

/**
 * Opens the profiler for a limited time, and tells what took long meanwhile.
 * @throws error with code `NOT_ALLOWED` that names the role to grant, `LOCKED` while another run has it open
 */
export async function slowByProfiler(
  options: SlowQueriesOptions & Omit<ProfilerOptions, 'target'>,
  target: Target,
): Promise<SlowQueriesReport> {
  const { signal } = options;
  const found = await withReads(target, ({ db }) => settleLeftovers(target, db, { waits: true, signal }));
  for (const { host, found: other } of found) if (other.state === 'in use') throw inUse(host, other.mark);
  const { counted, ...run } = await runProfiler({ ...options, target });
  const { schema, indexesOf } = await withReads(target, ({ db }) => schemaOf(db, options.migrations));
  const { leftOut, tally } = counted;
  return {
    source: 'profiler',
    indexesOf,
    ...run,
    leftOut,
    ...leftoversIn(found),
    ...reportOn(tally, { ...options, schema }),
  };
}

export interface LogSource {
  readonly file: string;
  readonly stdin: NodeJS.ReadableStream;
  readonly database: string;
  readonly changelog?: string | undefined;
}

/**
 * What the log of a mongod tells of slow queries of a database. It asks no server: indexes are what the migrations lead to.
 * @throws error with code `USAGE` for a file that cannot be read
 */
export async function slowInLog(
  { changelog, ...source }: LogSource,
  { slowMs, ...options }: SlowQueriesOptions,
): Promise<SlowQueriesReport> {
  const isOwn = (collection: string) => isOwnCollection(collection, changelog);
  const { tally, log } = await tallyLog({ ...source, slowMs, isOwn });
  const { leftOut, ...lines } = log;
  const report = reportOn(tally, { ...options, schema: foldMigrations(options.migrations) });
  return { source: 'log', indexesOf: 'migrations', leftOut, log: lines, ...report };
}

function leftoversIn(found: Awaited<ReturnType<typeof settleLeftovers>>): Pick<SlowQueriesReport, 'leftovers'> {
  const leftovers = found.flatMap(({ host, found: { state } }) => (state === 'none' ? [] : [{ host, state }]));
  return leftovers.length > 0 ? { leftovers } : {};
}

/** The indexes of the server; those that this user may not read are taken from the migrations. */
async function schemaOf(
  db: Db,
  migrations: readonly Migration[],
): Promise<{ readonly schema: Schema; readonly indexesOf: 'server' | 'migrations' }> {
  const folded = foldMigrations(migrations);
  try {
    const { schema, unreadable } = await readSchema(db, { readsWhatItMay: true });
    const byMigrations = Object.entries(folded).filter(([name]) => unreadable.has(name));
    return { schema: { ...schema, ...Object.fromEntries(byMigrations) }, indexesOf: 'server' };
  } catch (error) {
    if (!isUnauthorized(error) && reportOf(error).code !== 'NOT_ALLOWED') throw error;
    return { schema: folded, indexesOf: 'migrations' };
  }
}

/** So many of the newest entries are looked at for the slowest shape, for so long at most. */
const glance = { limit: 2_000, maxTimeMS: 1_000 } as const;

/** The shape that took most time of what the profile has written down last; undefined where there is none, or this user may not read it. */
export async function slowestShape(target: Target): Promise<SlowShape | undefined> {
  try {
    return await withReads(target, async ({ db }) => {
      const counted = new ProfileTally(db);
      await counted.read({ slowMs: 0, ...glance });
      return reportOn(counted.tally, { schema: {}, queries: [], top: 1 }).shapes[0];
    });
  } catch {
    // It is good to know, and nothing depends on it.
    return undefined;
  }
}
