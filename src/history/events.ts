import { MongoServerError, Timestamp, type Collection, type Db, type Document } from 'mongodb';
import { ownCollections } from '../schema';
import type { Actor } from './actor';
import type { RecordedFailure } from './failure';
import { majority } from '../database/durability';
import { SchemaError } from '../support/schema-error';
import { isDate, numberOr, textOr } from './shapes';
import { isObject } from '../support/is-object';
import { toRecordedWork, type RecordedWork } from './work';

export type EventType =
  'started' | 'finished' | 'failed' | 'interrupted' | 'accepted' | 'baselined' | 'unlocked' | 'restored';

/** A change as history keeps it: places and outcomes, never values, so that no document's content gets in. */
export interface RecordedChange {
  /** The place in the wire form. */
  readonly at: readonly string[];
  readonly outcome: 'done' | 'already' | 'kept';
  readonly milliseconds: number;
}

/** What a data step did, as history keeps it. */
export interface RecordedStep {
  /** The collections that it wrote to, as far as it tells. */
  readonly writes: readonly string[];
  readonly matched: number;
  readonly updated: number;
  readonly milliseconds: number;
}

/** Something that happened. Events are inserted, and never altered or removed. */
export interface HistoryEvent extends Actor {
  readonly type: EventType;
  /** One attempt at one migration; what began it and what ended it share this id. */
  readonly attempt: string;
  readonly migration?: string;
  readonly direction?: 'up' | 'down';
  /** sha256 (hex) of the migration's text, its line ends normalised. */
  readonly checksum?: string;
  /** The git commit of the migrations. */
  readonly commit?: string;
  readonly versions: { readonly tool: string; readonly node: string; readonly server: string };
  /** The lease's token, and a number that grows with each event under it: together, the order in which things happened. */
  readonly token: number;
  readonly sequence: number;
  readonly changes?: readonly RecordedChange[];
  /** Of each data step, in order. */
  readonly data?: readonly RecordedStep[];
  /** Index builds and backfills that were long enough to tell how fast the server is. */
  readonly work?: readonly RecordedWork[];
  readonly milliseconds?: number;
  /** Why it did not succeed. */
  readonly failure?: RecordedFailure;
  /** The same in words: in events that earlier versions wrote. */
  readonly error?: string;
  /** What a person said about it. */
  readonly reason?: string;
}

/** An event as it is stored: with the server's time, in seconds. */
export interface StoredEvent extends HistoryEvent {
  readonly at: Date;
}

type Row = HistoryEvent & { readonly at: Timestamp };

function historyOf(db: Db): Collection<Row> {
  return db.collection<Row>(ownCollections.history, {
    readPreference: 'primary',
    readConcern: { level: 'majority' },
    writeConcern: majority,
  });
}

/**
 * Sees to it that no two events can claim the same place in the order.
 * @throws error with code `HISTORY` when two do already, or one has arrays where its place stands.
 */
export async function ensureHistoryIndex(db: Db): Promise<void> {
  const name = ownCollections.history;
  try {
    await db.command({
      createIndexes: name,
      indexes: [{ name: 'token_1_sequence_1', key: { token: 1, sequence: 1 }, unique: true }],
      writeConcern: majority,
    });
  } catch (error) {
    const query = error instanceof MongoServerError ? withoutOnePlace[Number(error.code)] : undefined;
    if (query === undefined) throw error;
    throw new SchemaError('HISTORY', `The events of ${name} are in no clear order, so nothing was changed`, {
      why: 'its index on token and sequence cannot be built; it was restored without its index, or an event was written by hand',
      fix: `look at the events, and remove those that no run wrote, in mongosh: db.${name}.${query}`,
      cause: error,
    });
  }
}

/** What finds the events that have no place of their own, by the code of the server's error. */
const withoutOnePlace: Readonly<Record<number, string>> = {
  // DuplicateKey
  11000: `aggregate([{ $group: { _id: ['$token', '$sequence'], ids: { $push: '$_id' } } }, { $match: { 'ids.1': { $exists: true } } }])`,
  // CannotIndexParallelArrays
  171: `find({ token: { $type: 'array' }, sequence: { $type: 'array' } })`,
};

/** Appends an event. Appending the same one again changes nothing, so that a lost reply can be made good. */
export async function appendEvent(db: Db, event: HistoryEvent): Promise<void> {
  const { token, sequence, attempt, type } = event;
  try {
    // The server replaces an empty timestamp at the top of a document with its own time.
    await historyOf(db).insertOne({ ...event, at: new Timestamp({ t: 0, i: 0 }) });
  } catch (error) {
    if (!(error instanceof MongoServerError) || error.code !== 11000) throw error;
    if (!(await historyOf(db).findOne({ token, sequence, attempt, type }))) throw error;
  }
}

/** The largest token of an event, read from the index on it; undefined in an empty history. It may be of any type. */
export async function readNewestToken(db: Db): Promise<number | undefined> {
  const [newest] = await historyOf(db)
    // By one field: the server cannot sort by two when one document has arrays in both.
    .find({}, { projection: { _id: 0, token: 1 }, sort: { token: -1 }, limit: 1 })
    .toArray();
  return newest?.token;
}

/** All events, in the order in which they happened. */
export async function readEvents(db: Db): Promise<StoredEvent[]> {
  const rows = await historyOf(db)
    .find<Document>({}, { projection: { _id: 0 } })
    .toArray();
  // Sorted here: the server cannot sort by two fields when one document has arrays in both.
  return rows
    .flatMap((row) => toStoredEvent(row) ?? [])
    .sort((one, other) => one.token - other.token || one.sequence - other.sequence);
}

/**
 * A row as an event, whatever its shape: what is not of its type is left out. Undefined for one that has no place in the
 * order, or no type: it is none of ours, and says nothing.
 */
export function toStoredEvent(row: Document): StoredEvent | undefined {
  const { type, token, sequence, user, host, pid }: Readonly<Record<string, unknown>> = row;
  if (typeof type !== 'string' || !isNumber(token) || !isNumber(sequence)) return undefined;
  const {
    attempt,
    versions,
    direction,
    changes,
    data,
    work,
    at,
    migration,
    checksum,
    commit,
    error,
    reason,
    milliseconds,
    ...others
  }: Readonly<Record<string, unknown>> = row;
  const known = isObject(versions) ? versions : {};
  return {
    ...others,
    type: type as EventType,
    token,
    sequence,
    attempt: textOr(attempt, `${token}/${sequence}`),
    ...textFields({ migration, checksum, commit, error, reason }),
    ...((direction === 'up' || direction === 'down') && { direction }),
    ...(isNumber(milliseconds) && { milliseconds }),
    // Changes of another shape say nothing. They do not say that there were none.
    ...(areRecordedChanges(changes) && { changes }),
    ...(areRecordedSteps(data) && { data }),
    ...(Array.isArray(work) && { work: work.flatMap((one: unknown) => toRecordedWork(one) ?? []) }),
    user: textOr(user, 'unknown'),
    host: textOr(host, 'unknown'),
    pid: numberOr(pid, 0),
    versions: {
      tool: textOr(known['tool'], 'unknown'),
      node: textOr(known['node'], 'unknown'),
      server: textOr(known['server'], 'unknown'),
    },
    at: timeOf(at),
  };
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

/** Those that are texts. */
function textFields<K extends string>(fields: Readonly<Record<K, unknown>>): Partial<Record<K, string>> {
  const entries = Object.entries(fields).filter(([, value]) => typeof value === 'string');
  return Object.fromEntries(entries) as Partial<Record<K, string>>;
}

function areRecordedChanges(changes: unknown): changes is readonly RecordedChange[] {
  return Array.isArray(changes) && changes.every(isRecordedChange);
}

function isRecordedChange(change: unknown): change is RecordedChange {
  if (!isObject(change)) return false;
  const { at, outcome } = change;
  return Array.isArray(at) && at.every((part) => typeof part === 'string') && typeof outcome === 'string';
}

function areRecordedSteps(data: unknown): data is readonly RecordedStep[] {
  return Array.isArray(data) && data.every(isRecordedStep);
}

function isRecordedStep(step: unknown): step is RecordedStep {
  if (!isObject(step)) return false;
  const { writes, matched, updated, milliseconds } = step;
  const areNames = Array.isArray(writes) && writes.every((name) => typeof name === 'string');
  return areNames && [matched, updated, milliseconds].every(isNumber);
}

/** 1970 for what is no time: the order is that of the tokens, and not of a clock. */
function timeOf(at: unknown): Date {
  if (at instanceof Timestamp) return new Date(at.t * 1000);
  return isDate(at) ? at : new Date(0);
}
