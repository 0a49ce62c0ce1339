import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { BSON, type Db, type Document } from 'mongodb';
import { clientOptions } from '../database/client';
import { identify, isAlive, processSpace } from '../support/processes';
import { isPlain } from './redact';

/** What the profiler of one database writes down, on one server. Other databases of the server have settings of their own. */
export interface ProfilerSettings {
  /** 0: nothing. 1: what takes long, or matches the filter. 2: everything. */
  readonly level: number;
  readonly slowMs: number;
  readonly sampleRate: number;
  readonly filter?: Document;
}

/** What a run of this tool leaves in the filter that it sets: whose it is, and what was there before. */
export interface ProfilerMark {
  readonly run: string;
  readonly host: string;
  readonly pid: number;
  /** Where `pid` means this process. */
  readonly space: string;
  readonly started?: string | undefined;
  /** When the run was last known to live, by the server's clock, in milliseconds. */
  readonly alive: number;
  readonly formerLevel: number;
  /** As Extended JSON, since it is kept as a text. */
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

/** What was there before, as the command takes it. */
export function formerOf({ formerLevel, formerFilter }: ProfilerMark): Document {
  const filter =
    formerFilter === undefined ? 'unset' : (BSON.EJSON.parse(formerFilter, { relaxed: false }) as Document);
  return { profile: formerLevel, filter };
}

/**
 * Settings by which the profiler writes down what takes long, but for what this tool does. The limit stands in the filter, since
 * `slowms` and `sampleRate` are of all databases of the server. And so does what was there before: the server changes and keeps both at once, in
 * one command, and both are gone when it is started anew.
 */
export function markedSettings(mark: ProfilerMark, slowMs: number): Document {
  // No application has such a name, so this leaves nothing out.
  const name = prefix + JSON.stringify(mark);
  return { profile: 1, filter: { millis: { $gte: slowMs }, appName: { $nin: [clientOptions.appName, name] } } };
}

/** The mark in a filter, which the server writes in its own way. */
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

/** Whether the run that left a mark is still there; undefined where that cannot be known, since it is on another machine. */
export function isThere({ space, pid, started }: ProfilerMark): boolean | undefined {
  return space === processSpace() ? isAlive({ pid, started }) : undefined;
}

export async function readSettings(db: Db): Promise<ProfilerSettings> {
  return settingsIn(await db.command({ profile: -1 }));
}

/**
 * Changes the settings if they are still what the caller takes them for. The server tells what it has replaced: where that is something
 * else, it is put back at once.
 * @returns what was there, and whether it was changed
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
