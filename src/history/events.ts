import { MongoServerError, Timestamp, type Collection, type Db } from 'mongodb';
import type { Place } from '../schema';
import { ownCollections } from '../schema';
import type { Actor } from './actor';
import { majority } from './durability';

export type EventType =
  'started' | 'finished' | 'failed' | 'interrupted' | 'accepted' | 'baselined' | 'unlocked' | 'restored';

/** A change as history keeps it: places and outcomes, never values, so that no document's content gets in. */
export interface RecordedChange {
  readonly at: Place;
  readonly outcome: 'done' | 'already' | 'kept';
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
  /** The git commit of the code that ran. */
  readonly commit?: string;
  readonly versions: { readonly tool: string; readonly node: string; readonly server: string };
  /** The lease's token, and a number that grows with each event under it: together, the order in which things happened. */
  readonly token: number;
  readonly sequence: number;
  readonly changes?: readonly RecordedChange[];
  readonly milliseconds?: number;
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

/** Sees to it that no two events can claim the same place in the order. */
export async function ensureHistoryIndex(db: Db): Promise<void> {
  await db.command({
    createIndexes: ownCollections.history,
    indexes: [{ name: 'token_1_sequence_1', key: { token: 1, sequence: 1 }, unique: true }],
    writeConcern: majority,
  });
}

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

/** All events, in the order in which they happened. */
export async function readEvents(db: Db): Promise<StoredEvent[]> {
  const rows = await historyOf(db)
    .find({}, { projection: { _id: 0 } })
    .sort({ token: 1, sequence: 1 })
    .toArray();
  return rows.map((row) => ({ ...row, at: new Date(row.at.t * 1000) }));
}
