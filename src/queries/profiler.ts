import { setTimeout as sleep } from 'node:timers/promises';
import type { Db } from 'mongodb';
import { withReads, withRetry, type Target } from '../database';
import { isUnauthorized } from '../database/server-errors';
import { lookAtMembers } from '../indexes/members';
import { MongoUrl } from '../support/mongo-url';
import { because, SchemaError } from '../support/schema-error';
import { livesEvery, nowOf, settleLeftover, type Leftover } from './leftover';
import { ProfileTally } from './profile';
import { ProfileWatch } from './profile-watch';
import {
  exchange,
  formerOf,
  markedSettings,
  markIn,
  newMark,
  readSettings,
  type ProfilerMark,
  type ProfilerSettings,
} from './profiler-settings';

export interface ProfilerOptions {
  readonly target: Target;
  /** How long the profiler is on, in seconds. */
  readonly seconds: number;
  /** The minimum duration of a query, in milliseconds. */
  readonly slowMs: number;
  /** Ends the run early. The former settings are still restored. */
  readonly signal: AbortSignal;
  /** Called with the server (host and port) when the profiler is on. */
  readonly onOpen?: (host: string) => void;
}

export interface ProfilerRun {
  readonly counted: ProfileTally;
  /** The server whose queries were counted: host and port. */
  readonly host: string;
  /** False if entries were lost: between two reads, the server wrote more than the profile can hold. */
  readonly isWhole: boolean;
  /** Whether somebody else changed the profiler settings during the run. Those settings were kept, and later entries were not counted. */
  readonly wasDisturbed: boolean;
}

const lookEvery = 1_000;
/** How long to try to restore the settings if the server cannot be reached, in milliseconds. */
const patience = 30_000;
/** How many times restoring is tried. A second run that starts at the same moment changes the settings briefly, then restores them. */
const tries = 3;
const pause = 300;

/** Restores the former profiler settings of dead runs on every data-bearing member. Returns what was found on each member. */
export async function settleLeftovers(
  target: Target,
  db: Db,
  options: Parameters<typeof settleLeftover>[1],
): Promise<readonly { readonly host: string; readonly found: Leftover }[]> {
  const looks = await lookAtMembers(target, db, (member) => settleLeftover(member, options));
  return looks.flatMap((look) => ('found' in look ? [{ host: look.host, found: look.found }] : []));
}

/**
 * Turns on the profiler of a database for a limited time, on the current primary. Counts the entries of the profile, and restores the
 * former settings, also after an error.
 * @throws error with code `NOT_ALLOWED` if a privilege is missing; the error names the role to grant
 * @throws error with code `LOCKED` while another run uses the profiler
 */
export async function runProfiler({ target, ...options }: ProfilerOptions): Promise<ProfilerRun> {
  // Connect to this member by its name: another member may become primary during the run, but the settings to restore are on this one.
  const { host, url } = await withReads(target, async ({ db }) => {
    const { me } = (await db.admin().command({ hello: 1 })) as { me?: string };
    const given = MongoUrl.of(target.url);
    if (me === undefined || given.option('directConnection') === 'true')
      return { host: me ?? given.hosts[0] ?? '', url: given };
    return { host: me, url: given.atMember(me, db.client.options.credentials?.source) };
  });
  const { database, allowSharded, changelog } = target;
  return withReads({ url, database, allowSharded, changelog }, ({ db }) => profileOn(db, { ...options, host }));
}

type OnMember = Omit<ProfilerOptions, 'target'> & { readonly host: string };

async function profileOn(db: Db, options: OnMember): Promise<ProfilerRun> {
  const { slowMs, host } = options;
  // If this user may not read the profile, fail before the profiler is on.
  await new ProfileTally(db).read({ slowMs, limit: 1 });
  const former = await readSettings(db);
  const watch = new ProfileWatch(db, slowMs, await nowOf(db));
  const run = hasAll(former, slowMs)
    ? { renew: () => Promise.resolve(true), end: () => Promise.resolve(true) }
    : await open(db, former, options);
  let isMine = true;
  try {
    options.onOpen?.(host);
    isMine = await lookOn(watch, options, run.renew);
  } finally {
    isMine = (await run.end()) && isMine;
  }
  const end = await nowOf(db);
  await sleep(pause);
  await watch.lookAtLast(end);
  return { counted: watch.counted, host, isWhole: watch.isWhole, wasDisturbed: !isMine };
}

/** Returns whether the current settings already record every query that is wanted. If so, the settings are not changed. */
function hasAll({ level, slowMs, sampleRate, filter }: ProfilerSettings, wanted: number): boolean {
  return !filter && (level === 2 || (level === 1 && slowMs < wanted && sampleRate === 1));
}

/** Turns the profiler on. `renew` and `end` return whether the settings were still those of this run. */
async function open(db: Db, former: ProfilerSettings, { slowMs, host }: OnMember) {
  const mark = newMark(former, await nowOf(db));
  const isFormer = (found: ProfilerSettings) => textOf(found) === textOf(former);
  const isMine = ({ filter }: ProfilerSettings) => markIn(filter)?.run === mark.run;
  const earlier = markIn(former.filter);
  if (earlier) throw inUse(host, earlier);
  try {
    const { found, isDone } = await exchange(db, markedSettings(mark, slowMs), isFormer);
    if (!isDone) throw inUse(host, markIn(found.filter));
  } catch (error) {
    throw isUnauthorized(error) ? mayNotOpen(db.databaseName, error) : error;
  }
  return {
    renew: async () =>
      (await exchange(db, markedSettings({ ...mark, alive: (await nowOf(db)).getTime() }, slowMs), isMine)).isDone,
    end: async () => {
      try {
        return await withRetry(() => putBack(db, mark, isMine), { patience });
      } catch (error) {
        throw because(error, `Cannot restore the profiler settings on ${host}`, {
          fix: `run \`schema queries\` again, which restores the settings; before that, the profiler still records queries that take ${slowMs} ms or longer`,
        });
      }
    },
  };
}

async function putBack(db: Db, mark: ProfilerMark, isMine: (found: ProfilerSettings) => boolean): Promise<boolean> {
  for (let at = 1; at <= tries; at++) {
    if (isMine(await readSettings(db)) && (await exchange(db, formerOf(mark), isMine)).isDone) return true;
    if (at < tries) await sleep(pause);
  }
  return false;
}

/** Reads the profile until the time is over or the signal is aborted. Returns false early if somebody else changed the settings. */
async function lookOn(
  watch: ProfileWatch,
  { seconds, signal }: OnMember,
  renew: () => Promise<boolean>,
): Promise<boolean> {
  const end = performance.now() + seconds * 1_000;
  const isOver = () => signal.aborted || performance.now() >= end;
  let renewed = performance.now();
  while (!isOver()) {
    const left = Math.min(lookEvery, end - performance.now());
    await sleep(left, undefined, { signal }).catch(() => undefined);
    if (!isOver() && performance.now() - renewed > livesEvery) {
      if (!(await renew())) return false;
      renewed = performance.now();
    }
    await watch.look();
  }
  return true;
}

function textOf({ level, filter = {} }: ProfilerSettings): string {
  return JSON.stringify([level, filter]);
}

export function inUse(host: string, mark: ProfilerMark | undefined): SchemaError {
  return new SchemaError('LOCKED', `The profiler is in use on ${host}`, {
    why: mark
      ? `\`schema queries\` is using it (process ${mark.pid} on ${mark.host})`
      : 'somebody changed its settings at the same moment',
    fix: 'run `schema queries` again when that run has ended; meanwhile, `--profile` reads what the profiler has recorded',
  });
}

function mayNotOpen(database: string, cause: unknown): SchemaError {
  return new SchemaError('NOT_ALLOWED', 'Cannot turn on the profiler', {
    why: `this user lacks the privilege enableProfiler on ${database}`,
    fix: `grant this user the role profiler on ${database}, which docker/mongo-init.js creates, or dbAdmin; \`--profile\` and \`--log FILE\` do not need this privilege`,
    cause,
  });
}
