import { inspect } from 'node:util';
import { BSON, MongoBulkWriteError, Timestamp, type Db, type Document } from 'mongodb';
import {
  ensureHistoryIndex,
  inAppliedOrder,
  isToken,
  judgeHistory,
  largestUsable,
  readChangelog,
  toStoredEvent,
  type ChangelogRow,
  type Recorder,
  type StoredEvent,
} from '../history';
import { majority } from '../database';
import { ownCollections } from '../schema';
import { SchemaError } from '../support/schema-error';

/** The events of a backup, as BSON. */
export type BackedUpHistory = readonly Uint8Array[];

/**
 * Checks the events of a backup one by one, because the archive may come from a stranger. `judge` throws an error with code `DAMAGED` for
 * an event that no run can have written: its token, its sequence number or its time is invalid. (A token is also invalid when it is so
 * large that later runs could not exceed it.)
 */
export function judgeEvents(): { judge: (bson: Buffer) => void; largestToken: () => number } {
  let largest = 0;
  return {
    largestToken: () => largest,
    judge: (bson) => {
      const event = BSON.deserialize(bson);
      const problem = problemOf(event);
      if (problem !== undefined) {
        throw new SchemaError('DAMAGED', `An event of the history in the backup ${problem}`, {
          fix: 'restore another backup; before you take a new backup, remove from the history every event that no run has written',
        });
      }
      largest = Math.max(largest, Number(event['token'] ?? 0));
    },
  };
}

function problemOf({ token, sequence, at }: Document): string | undefined {
  // An event without a token is ignored later, so accept it here.
  if (token === undefined) return undefined;
  if (!isToken(token)) {
    return `has the token ${inspect(token)}; tokens are whole numbers from 0 to ${largestUsable}`;
  }
  if (sequence !== undefined && !isToken(sequence)) return `has the sequence ${inspect(sequence)}`;
  const isTime = (at instanceof Timestamp && at.t > 0) || (at instanceof Date && !Number.isNaN(at.getTime()));
  return isTime ? undefined : 'has no time';
}

/** What to record about a migration that is applied in the restored database. */
export interface Applied {
  readonly migration: string;
  readonly checksum?: string;
  /** Whether its rollback began but did not finish. */
  readonly halfRolledBack?: boolean;
  /** Set when a person accepted the migration as edited or missing after it was applied. */
  readonly accepted?: { readonly reason: string; readonly checksum?: string };
}

/** Returns the migrations that a changelog lists as applied. The events give more details of each, such as its checksum. */
export function appliedBy(changelog: readonly ChangelogRow[], events: readonly StoredEvent[]): Applied[] {
  return inAppliedOrder(judgeHistory([], changelog, events)).flatMap(({ name, state, applied, accepted }) => {
    if (!applied) return [];
    const isAccepted = accepted && byOrder(accepted, applied) > 0;
    return [
      {
        migration: name,
        ...checksumOf(applied),
        ...(state === 'half rolled back'
          ? { halfRolledBack: true }
          : isAccepted && { accepted: { reason: accepted.reason ?? '', ...checksumOf(accepted) } }),
      },
    ];
  });
}

/**
 * Adds a backup's events to the events of the database, and keeps the latter: events are never removed. Then it records each migration that
 * is applied in the backup once more, so that the last events show the restored state.
 * @returns how many events were added, and how many were not, because an event here has the same number
 */
export async function restoreHistory(
  db: Db,
  history: BackedUpHistory,
  recorder: Recorder,
  reason: string,
): Promise<{ added: number; leftOut: number }> {
  await ensureHistoryIndex(db);
  const result = await addEvents(db, history);
  const events = history.flatMap(toEvent).sort(byOrder);
  await recordRestored(recorder, reason, appliedBy(await readChangelog(db), events));
  return result;
}

/** Records the migrations that are applied now, so that the last events show the current state. */
export async function recordRestored(recorder: Recorder, reason: string, applied: readonly Applied[]): Promise<void> {
  await recorder.record('restored', { reason });
  for (const { migration, halfRolledBack, accepted, ...checksum } of applied) {
    await recorder.record('restored', { migration, direction: 'up', ...checksum });
    if (halfRolledBack) await recorder.record('interrupted', { migration, direction: 'down' });
    else if (accepted) await recorder.record('accepted', { migration, ...accepted });
  }
}

async function addEvents(db: Db, history: BackedUpHistory): Promise<{ added: number; leftOut: number }> {
  const collection = db.collection(ownCollections.history);
  const there = new Set<string>();
  for await (const { _id } of collection.find({}, { projection: { _id: 1 } })) there.add(String(_id));
  const missing = history
    .map((bson) => BSON.deserialize(bson, { promoteValues: false }))
    .filter((event) => !there.has(String(event['_id'])));
  if (missing.length === 0) return { added: 0, leftOut: 0 };
  try {
    await collection.insertMany(missing, { ordered: false, writeConcern: majority });
    return { added: missing.length, leftOut: 0 };
  } catch (error) {
    if (!(error instanceof MongoBulkWriteError)) throw error;
    // A duplicate key means that two histories have an event with the same number. The event in this database is kept.
    const failures = [error.writeErrors].flat();
    if (failures.some(({ code }) => code !== 11000)) throw error;
    return { added: missing.length - failures.length, leftOut: failures.length };
  }
}

function toEvent(bson: Uint8Array): StoredEvent[] {
  const { _id, ...event } = BSON.deserialize(bson);
  return [toStoredEvent(event) ?? []].flat();
}

function byOrder(one: StoredEvent, other: StoredEvent): number {
  return one.token - other.token || one.sequence - other.sequence;
}

function checksumOf({ checksum }: Document): { checksum?: string } {
  return typeof checksum === 'string' ? { checksum } : {};
}
