import { setTimeout as sleep } from 'node:timers/promises';
import { BSON, type Binary, type Db, type Document, type Filter } from 'mongodb';
import { listCollections, uuidsOf, withRetry } from '../database';
import { ownCollections } from '../schema';
import { bytesOf, exactField } from '../support/exact-bson';
import { between, boundary, type Boundary } from './id-ranges';
import { findRefused, isAboutDocument } from './refused-document';
import { write } from './session';
import type { StoredPace } from './stored-pace';
import type { BatchUpdate, DataContext, UpdateCounts } from '../migration/types';

/** The parts of a run that a walk uses. A walk visits the documents of a collection in batches. */
export interface Walker extends Pick<DataContext, 'db' | 'guard' | 'progress'> {
  /** The database for the checkpoint: the same database as `db`, through the bookkeeping client. */
  readonly bookkeeping: Db;
  /** The name of the checkpoint. */
  readonly checkpoint: string;
}

interface Checkpoint extends UpdateCounts {
  readonly _id: string;
  /** The rate of the walk, from which `status` computes the remaining time. Absent in checkpoints that earlier versions wrote. */
  readonly pace?: StoredPace;
  /** The last `_id` that was visited. */
  readonly last: unknown;
  /** The number of visited documents. */
  readonly done: number;
}

/** The position of a walk: the end of its last batch, the number of visited documents, and the counts so far. */
interface Position extends UpdateCounts {
  readonly last: Boundary;
  readonly done: number;
}

/** The result of a walk. If the walk continued an interrupted walk, the counts include both walks. */
export interface Walked extends UpdateCounts {
  /** Whether this walk visited the whole collection, and did not continue an interrupted walk. */
  readonly isWhole: boolean;
  /** How long the walk paused between batches, in milliseconds. */
  readonly paused: number;
}

export const defaultBatchSize = 10_000;

/**
 * Visits the documents of a collection in the order of their `_id`s, which may have any type, and updates matching documents batch by
 * batch.
 * @throws error with code `SERVER` that names the document whose updated form the server refuses.
 */
export async function updateInBatches(context: Walker, collection: string, batch: BatchUpdate): Promise<Walked> {
  // The checkpoint needs no majority: if a failover loses a checkpoint, the walk repeats one batch, and no document is updated twice.
  const checkpoints = context.bookkeeping.collection<Checkpoint>(ownCollections.checkpoints, {
    writeConcern: { w: 1 },
  });
  const _id = context.checkpoint;
  const options = { readPreference: 'primary', raw: true } as const;
  const stored = await withRetry(() => checkpoints.findOne({ _id }, options));
  const from = stored ? positionOf(bytesOf(stored)) : undefined;
  const began = { collection, since: new Date(), from: from?.done ?? 0 };
  const walked = await walk(context, collection, batch, from, async ({ last, ...position }, total) => {
    const pace: StoredPace = { ...began, total, at: new Date() };
    await withRetry(() => checkpoints.replaceOne({ _id }, { ...position, pace, last: last.value }, { upsert: true }));
  });
  await context.guard();
  await withRetry(() => checkpoints.deleteOne({ _id }));
  return { ...walked, isWhole: from === undefined };
}

function positionOf(checkpoint: Uint8Array): Position | undefined {
  const last = exactField(checkpoint, 'last');
  const { done, matched = 0, updated = 0 } = BSON.deserialize(checkpoint);
  return last && { last, done: Number(done), matched: Number(matched), updated: Number(updated) };
}

async function walk(
  { db, guard, progress }: Walker,
  collection: string,
  { filter, update, batchSize = defaultBatchSize, pause = 0 }: BatchUpdate,
  from: Position | undefined,
  save: (position: Position, total: number) => Promise<void>,
): Promise<Omit<Walked, 'isWhole'>> {
  const total = await db.collection(collection).estimatedDocumentCount();
  let { last, done, ...counts }: Partial<Pick<Position, 'last'>> & Omit<Position, 'last'> = from ?? {
    done: 0,
    matched: 0,
    updated: 0,
  };
  let paused = 0;
  let upper = await boundary(db, collection, last, batchSize);
  const uuids = uuidsOf(await listCollections(db, [collection]));
  const batch = { db, guard, uuids, collection, update };
  for (;;) {
    const range = { $and: [filter, between(last, upper)] };
    counts = added(counts, await updateBatch(batch, range));
    if (!upper) {
      progress(total, total);
      return { ...counts, paused };
    }
    const position: Position = { last: upper, done: done + batchSize, ...counts };
    ({ last, done } = position);
    [upper] = await Promise.all([boundary(db, collection, last, batchSize), save(position, total)]);
    progress(Math.min(done, total), total);
    if (pause > 0) await sleep(pause);
    paused += pause;
  }
}

interface Batch extends Pick<DataContext, 'db' | 'guard'> {
  readonly uuids: Map<string, Binary>;
  readonly collection: string;
  readonly update: BatchUpdate['update'];
}

async function updateBatch(batch: Batch, range: Filter<Document>): Promise<UpdateCounts> {
  const { db, collection, update } = batch;
  try {
    return await updateMatching(batch, range);
  } catch (error) {
    if (!isAboutDocument(error)) throw error;
    // The server's error names neither the refused document nor the number of documents before it. So the batch is split in halves to find
    // the document.
    let counts: UpdateCounts = { matched: 0, updated: 0 };
    const refused = await findRefused(db, { collection, filter: range, update }, async (some) => {
      counts = added(counts, await updateMatching(batch, some));
    });
    if (refused) throw refused;
    return counts;
  }
}

async function updateMatching({ collection, update, ...session }: Batch, q: Filter<Document>): Promise<UpdateCounts> {
  const reply = await write(session, { update: collection, updates: [{ q, u: update, multi: true }] });
  return countsOf(reply);
}

/** Returns the counts in the server's reply to an update. */
export function countsOf(reply: Document): UpdateCounts {
  return { matched: Number(reply['n']), updated: Number(reply['nModified']) };
}

export function added(one: UpdateCounts, other: UpdateCounts): UpdateCounts {
  return { matched: one.matched + other.matched, updated: one.updated + other.updated };
}
