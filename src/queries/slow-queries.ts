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
  /** The known queries: those that the application sends, as listed in `queries.ts`. */
  readonly queries: readonly KnownQuery[];
  /** The maximum number of shapes. */
  readonly top: number;
  /** The minimum duration of a query, in milliseconds. */
  readonly slowMs: number;
}

export interface SlowQueriesReport extends ShapesReport {
  readonly source: 'profiler' | 'profile' | 'log';
  /** The source of the indexes: the server, or the migrations. */
  readonly indexesOf: 'server' | 'migrations';
  /** The server whose profiler was on. */
  readonly host?: string;
  /** Entries that are not counted: those of other databases, of this tool and of the server, and commands without a collection. */
  readonly leftOut: Readonly<Record<LeftOut, number>>;
  /** Only for the source `profiler`. False if entries were lost: between two reads, the server wrote more than the profile can hold. */
  readonly isWhole?: boolean;
  /** Only for the source `profiler`. Whether somebody else changed the profiler settings during the run. Their change was kept. */
  readonly wasDisturbed?: boolean;
  readonly log?: Omit<LogReport, 'leftOut'>;
  /** Servers where a run died and left the profiler on, or where a run is still active. */
  readonly leftovers?: readonly LeftoverReport[];
}

export interface LeftoverReport {
  readonly host: string;
  readonly state: 'put back' | 'not allowed' | 'in use';
}

/** Reports the slow queries in the profile of a database. Changes no settings, but restores those that a dead run left changed. */
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
 * Turns the profiler on for a limited time, and reports the slow queries of that time.
 * @throws error with code `NOT_ALLOWED` if a privilege is missing; the error names the role to grant
 * @throws error with code `LOCKED` while another run uses the profiler
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
 * Reports the slow queries of a database from a log file of mongod. Does not connect to a server: the indexes are those of the migrations.
 * @throws error with code `USAGE` if the file cannot be read
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

/** Reads the indexes from the server. The indexes of collections that this user may not read are taken from the migrations. */
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

export interface NewestOptions {
  /** The maximum number of shapes. */
  readonly top: number;
  /** The schema that contains the names of the indexes. Without a schema, the report uses the default names. */
  readonly schema?: Schema;
  /** The time limit for the server, in milliseconds. The default is 1,000. */
  readonly maxTimeMS?: number;
}

/**
 * Returns the shapes in the newest entries of the profile, sorted by total time. The list is empty if the profiler has recorded nothing.
 * @throws error with code `NOT_ALLOWED` if a privilege is missing; the error names the role to grant
 */
export async function newestShapes(
  db: Db,
  { top, schema = {}, maxTimeMS = 1_000 }: NewestOptions,
): Promise<readonly SlowShape[]> {
  const counted = new ProfileTally(db);
  await counted.read({ slowMs: 0, limit: newestEntries, maxTimeMS });
  return reportOn(counted.tally, { schema, queries: [], top }).shapes;
}

/** The maximum number of entries that `newestShapes` reads, because a profile may be large. */
const newestEntries = 2_000;

/** Returns the shape with the largest total time in the newest entries of the profile; undefined if no entries exist or can be read. */
export async function slowestShape(target: Target): Promise<SlowShape | undefined> {
  // The shape is only a hint, so an error must not stop the caller.
  const shapes = await withReads(target, ({ db }) => newestShapes(db, { top: 1 })).catch(() => []);
  return shapes[0];
}
