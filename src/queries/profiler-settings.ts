import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { BSON, type Db, type Document } from 'mongodb';
import { clientOptions } from '../database/client';
import { identify, isAlive, processSpace } from '../support/processes';
import { isPlain } from './redact';

/** The profiler settings of one database on one server. Each database of a server has its own level and filter. */
export interface ProfilerSettings {
  /** 0: the profiler is off. 1: the profiler records slow operations, or those that match the filter. 2: it records all operations. */
  readonly level: number;
  readonly slowMs: number;
  readonly sampleRate: number;
  readonly filter?: Document;
}

/** The mark that a run of this tool stores in the profiler filter: the identity of the run, and the former settings. */
export interface ProfilerMark {
  readonly run: string;
  readonly host: string;
  readonly pid: number;
  /** The machine and PID namespace in which `pid` is valid. */
  readonly space: string;
  readonly started?: string | undefined;
  /** When the run last renewed the mark, by the server's clock, in milliseconds since the epoch. */
  readonly alive: number;
  readonly formerLevel: number;
  /** The former filter, in Extended JSON. Absent if there was no filter. */
  readonly formerFilter?: string;
}

const prefix = 'schema queries: ';

export function newMark(former: ProfilerSettings, now: Date): ProfilerMark {
  const { level, filter } = former;
  return {
    run: randomUUID(),
    host: hostname(),
    space: processSpace(),
    ...identify(process.pid),
    alive: now.getTime(),
    formerLevel: level,
    ...(filter && { formerFilter: BSON.EJSON.stringify(filter, { relaxed: false }) }),
  };
}

/** Returns the `profile` command that restores the former settings. */
export function formerOf({ formerLevel, formerFilter }: ProfilerMark): Document {
  const filter =
    formerFilter === undefined ? 'unset' : (BSON.EJSON.parse(formerFilter, { relaxed: false }) as Document);
  return { profile: formerLevel, filter };
}

/**
 * Returns the `profile` command that records slow operations, except those of this tool. The limit is in the filter, because
 * `slowms` and `sampleRate` apply to all databases of the server. The filter also contains the mark with the former settings, so that
 * one command sets both the limit and the mark, and a restart of the server removes both.
 */
export function markedSettings(mark: ProfilerMark, slowMs: number): Document {
  // The filter contains the mark as the name of an application. No application has this name, so the mark excludes no operation.
  const name = prefix + JSON.stringify(mark);
  return { profile: 1, filter: { millis: { $gte: slowMs }, appName: { $nin: [clientOptions.appName, name] } } };
}

/** Returns the mark in a filter. All levels of nesting are searched, because the server rewrites the filter. */
export function markIn(filter: unknown): ProfilerMark | undefined {
  if (typeof filter === 'string') {
    return filter.startsWith(prefix) ? (JSON.parse(filter.slice(prefix.length)) as ProfilerMark) : undefined;
  }
  if (!Array.isArray(filter) && !isPlain(filter)) return undefined;
  for (const inner of Object.values(filter)) {
    const found = markIn(inner);
    if (found) return found;
  }
  return undefined;
}

/** Returns whether the run that wrote a mark is still alive, or undefined if that run is on another machine. */
export function isThere({ space, pid, started }: ProfilerMark): boolean | undefined {
  return space === processSpace() ? isAlive({ pid, started }) : undefined;
}

export async function readSettings(db: Db): Promise<ProfilerSettings> {
  return settingsIn(await db.command({ profile: -1 }));
}

/**
 * Changes the settings. The server returns the settings that it replaced. If the caller did not expect these, this function restores
 * them immediately.
 * @returns the settings that were found, and whether they were changed
 */
export async function exchange(
  db: Db,
  next: Document,
  isExpected: (found: ProfilerSettings) => boolean,
): Promise<{ readonly found: ProfilerSettings; readonly isDone: boolean }> {
  const found = settingsIn(await db.command(next));
  const isDone = isExpected(found);
  if (!isDone) await db.command({ profile: found.level, filter: found.filter ?? 'unset' });
  return { found, isDone };
}

function settingsIn({ was, slowms, sampleRate, filter }: Document): ProfilerSettings {
  return {
    level: Number(was),
    slowMs: Number(slowms),
    sampleRate: Number(sampleRate),
    ...(isPlain(filter) && { filter }),
  };
}
