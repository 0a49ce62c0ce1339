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

/** A change as the history stores it: its place and its outcome. Document values are never stored. */
export interface RecordedChange {
  /** The place as a list of names, as JSON contains it (the wire form). */
  readonly at: readonly string[];
  readonly outcome: 'done' | 'already' | 'kept';
  readonly milliseconds: number;
}

/** What a data step did, as the history stores it. */
export interface RecordedStep {
  /** The collections that the step declares it writes to. */
  readonly writes: readonly string[];
  readonly matched: number;
  readonly updated: number;
  readonly milliseconds: number;
}

/** An event of the history. Events are inserted, and never changed or removed. */
export interface HistoryEvent extends Actor {
  readonly type: EventType;
  /** Identifies one attempt at one migration. The first and the last event of the attempt have the same id. */
  readonly attempt: string;
  readonly migration?: string;
  readonly direction?: 'up' | 'down';
  /** The sha256 (hex) of the migration's text, with normalised line ends. */
  readonly checksum?: string;
  /** The git commit of the migrations. */
  readonly commit?: string;
  readonly versions: { readonly tool: string; readonly node: string; readonly server: string };
  /**
   * The lease's token. `sequence` grows with each event under one token. The token and the sequence together give the order of the events.
   */
  readonly token: number;
  readonly sequence: number;
  readonly changes?: readonly RecordedChange[];
  /** One entry for each data step, in order. */
  readonly data?: readonly RecordedStep[];
  /** Index builds and backfills that took long enough to show how fast the server is. */
  readonly work?: readonly RecordedWork[];
  readonly milliseconds?: number;
  /** Why the attempt failed. */
  readonly failure?: RecordedFailure;
  /** The error as text. Only events that earlier versions wrote have this field. */
  readonly error?: string;
  /** The reason that a person gave. */
  readonly reason?: string;
}

/** An event as it is stored, with the server's time, which counts whole seconds. */
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
 * Makes sure that no two events can have the same place in the order.
 * @throws error with code `HISTORY` when two events already have the same place, or when an event has arrays in `token` and `sequence`.
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
    throw new SchemaError('HISTORY', `The order of the events in ${name} is not unique, so nothing was changed`, {
      why: 'its index on token and sequence cannot be built; the collection was restored without this index, or someone inserted an event by hand',
      fix: `look at the events, and remove those that were not written by a run, in mongosh: db.${name}.${query}`,
      cause: error,
    });
  }
}

/** For each error code of the server, the query that finds the events with an invalid place in the order. */
const withoutOnePlace: Readonly<Record<number, string>> = {
  // DuplicateKey
  11000: `aggregate([{ $group: { _id: ['$token', '$sequence'], ids: { $push: '$_id' } } }, { $match: { 'ids.1': { $exists: true } } }])`,
  // CannotIndexParallelArrays
  171: `find({ token: { $type: 'array' }, sequence: { $type: 'array' } })`,
};

/** Appends an event. Appending the same event again changes nothing, so the call can be repeated after a lost reply. */
export async function appendEvent(db: Db, event: HistoryEvent): Promise<void> {
  const { token, sequence, attempt, type } = event;
  try {
    // The server replaces an empty timestamp at the top level of a document with its own time.
    await historyOf(db).insertOne({ ...event, at: new Timestamp({ t: 0, i: 0 }) });
  } catch (error) {
    if (!(error instanceof MongoServerError) || error.code !== 11000) throw error;
    if (!(await historyOf(db).findOne({ token, sequence, attempt, type }))) throw error;
  }
}

/**
 * Returns the largest token of all events, from the index; undefined when there are no events. If an event was changed by hand, its token
 * may have any type.
 */
export async function readNewestToken(db: Db): Promise<number | undefined> {
  const [newest] = await historyOf(db)
    // The query sorts by one field only: the server cannot sort by two fields when one document has arrays in both.
    .find({}, { projection: { _id: 0, token: 1 }, sort: { token: -1 }, limit: 1 })
    .toArray();
  return newest?.token;
}

/** Returns all events, in the order in which they happened. */
export async function readEvents(db: Db): Promise<StoredEvent[]> {
  const rows = await historyOf(db)
    .find<Document>({}, { projection: { _id: 0 } })
    .toArray();
  // The events are sorted here, because the server cannot sort by two fields when one document has arrays in both.
  return rows
    .flatMap((row) => toStoredEvent(row) ?? [])
    .sort((one, other) => one.token - other.token || one.sequence - other.sequence);
}

/**
 * Reads a row as an event. Leaves out fields of the wrong type. Returns undefined when the row has no type, or no place in the order of the
 * events: such a row is not an event.
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
    // Changes of an unknown shape are left out. An empty list would mean that the attempt changed nothing.
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

/** Returns the fields that are strings. */
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

/** Returns a date; 1970 when the value is not a time. Events are ordered by their tokens, not by time. */
function timeOf(at: unknown): Date {
  if (at instanceof Timestamp) return new Date(at.t * 1000);
  return isDate(at) ? at : new Date(0);
}
