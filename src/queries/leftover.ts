import { setTimeout as sleep } from 'node:timers/promises';
import type { Db } from 'mongodb';
import { isUnauthorized } from '../database/server-errors';
import { exchange, formerOf, isThere, markIn, readSettings, type ProfilerMark } from './profiler-settings';

/** How often a run renews its mark in the profiler settings, in milliseconds. */
export const livesEvery = 10_000;
/** A run counts as dead when it has not renewed its mark for this number of milliseconds. */
const goneAfter = 3 * livesEvery;
const lookEvery = 1_000;

/** The state of a mark that a run left in the profiler settings of a server. */
export type Leftover =
  | { readonly state: 'none' }
  /** The run is dead, and its former settings were restored. */
  | { readonly state: 'put back'; readonly mark: ProfilerMark }
  /** The run is alive. */
  | { readonly state: 'in use'; readonly mark: ProfilerMark }
  /** The run is dead, but this user may not restore the settings. */
  | { readonly state: 'not allowed'; readonly mark: ProfilerMark };

/**
 * Restores the former profiler settings if a run died and left the profiler on. This function cannot check the process of a run on
 * another machine. With `waits`, it therefore waits until that run renews its mark, or until the mark is more than 30 seconds old.
 * Without `waits`, it returns the state `in use`.
 */
export async function settleLeftover(
  db: Db,
  { waits, signal }: { readonly waits: boolean; readonly signal?: AbortSignal | undefined },
): Promise<Leftover> {
  const first = await markOn(db);
  if (!first) return { state: 'none' };
  for (let mark: ProfilerMark | undefined = first; ; mark = await markOn(db)) {
    if (!mark) return { state: 'none' };
    const known = isThere(mark);
    if (known === true || mark.run !== first.run || mark.alive > first.alive) return { state: 'in use', mark };
    if (known === false || (await nowOf(db)).getTime() - mark.alive > goneAfter) return putBack(db, mark);
    if (!waits || signal?.aborted) return { state: 'in use', mark };
    await sleep(lookEvery);
  }
}

async function putBack(db: Db, mark: ProfilerMark): Promise<Leftover> {
  try {
    const { isDone } = await exchange(db, formerOf(mark), ({ filter }) => markIn(filter)?.run === mark.run);
    return isDone ? { state: 'put back', mark } : { state: 'none' };
  } catch (error) {
    if (isUnauthorized(error)) return { state: 'not allowed', mark };
    throw error;
  }
}

/** Returns the mark in the profiler settings; undefined if the settings have no mark, or if this user may not read them. */
async function markOn(db: Db): Promise<ProfilerMark | undefined> {
  try {
    return markIn((await readSettings(db)).filter);
  } catch (error) {
    if (isUnauthorized(error)) return undefined;
    throw error;
  }
}

/** Returns the time of the server's clock. */
export async function nowOf(db: Db): Promise<Date> {
  const { localTime } = await db.admin().command({ hello: 1 });
  return localTime as Date;
}
