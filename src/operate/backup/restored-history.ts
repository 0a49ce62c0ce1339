import { BSON, MongoBulkWriteError, type Db, type Document } from 'mongodb';
import {
  ensureHistoryIndex,
  inAppliedOrder,
  judgeHistory,
  majority,
  readChangelog,
  type MigrationStatus,
  type Recorder,
  type StoredEvent,
} from '../../history';
import { ownCollections } from '../../schema';

/** The events of a backup, as BSON. */
export type BackedUpHistory = readonly Buffer[];

/**
 * Adds a backup's events to those that a database has, which stay: history only grows. Then records, for each migration that
 * is applied in the backup, that it is so again, so that no later event speaks for it.
 * @returns how many events were added, and how many stand for something else here and were left out.
 */
export async function restoreHistory(
  db: Db,
  history: BackedUpHistory,
  recorder: Recorder,
  reason: string,
): Promise<{ added: number; leftOut: number }> {
  await ensureHistoryIndex(db);
  const result = await addEvents(db, history);
  await recorder.record('restored', { reason });
  const statuses = judgeHistory([], await readChangelog(db), history.map(toEvent).sort(byOrder));
  for (const status of inAppliedOrder(statuses)) await recordApplied(recorder, status);
  return result;
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
    // An event of another history has the same place in the order: what is here stays.
    const failures = [error.writeErrors].flat();
    if (failures.some(({ code }) => code !== 11000)) throw error;
    return { added: missing.length - failures.length, leftOut: failures.length };
  }
}

function toEvent(bson: Buffer): StoredEvent {
  const { _id, at, ...event } = BSON.deserialize(bson);
  return { ...event, at: new Date((at as { t: number }).t * 1000) } as unknown as StoredEvent;
}

function byOrder(one: StoredEvent, other: StoredEvent): number {
  return one.token - other.token || one.sequence - other.sequence;
}

async function recordApplied(recorder: Recorder, { name, state, applied, accepted }: MigrationStatus): Promise<void> {
  if (!applied) return;
  await recorder.record('restored', { migration: name, direction: 'up', ...checksumOf(applied) });
  // It began to be rolled back before the backup was taken, and is so still.
  if (state === 'half rolled back') await recorder.record('interrupted', { migration: name, direction: 'down' });
  else if (accepted && byOrder(accepted, applied) > 0) {
    await recorder.record('accepted', { migration: name, reason: accepted.reason ?? '', ...checksumOf(accepted) });
  }
}

function checksumOf({ checksum }: Document): { checksum?: string } {
  return typeof checksum === 'string' ? { checksum } : {};
}
