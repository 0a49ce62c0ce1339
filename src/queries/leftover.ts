import { setTimeout as sleep } from 'node:timers/promises';
import type { Db } from 'mongodb';
import { isUnauthorized } from '../database/server-errors';
import { exchange, formerOf, isThere, markIn, readSettings, type ProfilerMark } from './profiler-settings';

/** A run says so often that it lives; of one that has not for so long, the settings are put back. In milliseconds. */
export const livesEvery = 10_000;
const goneAfter = 3 * livesEvery;
const lookEvery = 1_000;

/** What was found on a server of a run that opened the profiler. */
export type Leftover =
  | { readonly state: 'none' }
  /** It was left by a run that did not end, and what was there before it is back. */
  | { readonly state: 'put back'; readonly mark: ProfilerMark }
  /** A run is at work. */
  | { readonly state: 'in use'; readonly mark: ProfilerMark }
  /** It was left by a run that did not end, and this user may not put it back. */
  | { readonly state: 'not allowed'; readonly mark: ProfilerMark };

/**
 * Looks whether a run that did not end has left the profiler open, and puts back what was there before it. A run on another machine is waited
 * for until it is heard of again, or has not been for long enough; `waits` tells whether to.
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

/** Undefined too where this user may not know the settings. */
async function markOn(db: Db): Promise<ProfilerMark | undefined> {
  try {
    return markIn((await readSettings(db)).filter);
  } catch (error) {
    if (isUnauthorized(error)) return undefined;
    throw error;
  }
}

/** By the server's clock. */
export async function nowOf(db: Db): Promise<Date> {
  const { localTime } = await db.admin().command({ hello: 1 });
  return localTime as Date;
}
