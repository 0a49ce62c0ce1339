import { ObjectId, type Db, type Document, type Filter, type UpdateFilter } from 'mongodb';
import { majority } from '../history';
import { ownCollections } from '../schema';
import type { DataContext } from './types';

export interface BatchUpdate {
  readonly filter: Filter<Document>;
  readonly update: UpdateFilter<Document> | readonly Document[];
  readonly batchSize?: number;
  readonly pause?: number;
}

interface Checkpoint {
  readonly _id: string;
  /** The last `_id` that was gone over. */
  readonly last: unknown;
  /** How many documents were gone over. */
  readonly done: number;
}

const defaultBatchSize = 10_000;
/** Walks a collection in the order of its `_id`s, whatever their types, and updates what matches, batch by batch. */
export async function updateInBatches(context: DataContext, collection: string, batch: BatchUpdate): Promise<void> {
  // No majority: a checkpoint that a failover loses makes the walk begin a batch earlier, where nothing matches any more.
  const checkpoints = context.db.collection<Checkpoint>(ownCollections.checkpoints, { writeConcern: { w: 1 } });
  const _id = context.checkpoint;
  const from = await checkpoints.findOne({ _id }, { readPreference: 'primary' });
  await walk(context, collection, batch, from, async (last, done) => {
    await checkpoints.replaceOne({ _id }, { last, done }, { upsert: true });
  });
  await context.guard();
  await checkpoints.deleteOne({ _id });
}

async function walk(
  { db, guard, progress }: DataContext,
  collection: string,
  { filter, update, batchSize = defaultBatchSize, pause = 0 }: BatchUpdate,
  from: Checkpoint | null,
  save: (last: unknown, done: number) => Promise<void>,
): Promise<void> {
  const documents = db.collection(collection);
  const total = await documents.estimatedDocumentCount();
  let { last, done } = from ?? { last: undefined, done: 0 };
  let upper = await boundary(db, collection, last, batchSize);
  for (;;) {
    const range = between(last, upper);
    await guard();
    await documents.updateMany({ $and: [filter, range] }, update, {
      writeConcern: majority,
    });
    if (!upper) {
      progress(total, total);
      return;
    }
    ({ last } = upper);
    done += batchSize;
    [upper] = await Promise.all([boundary(db, collection, last, batchSize), save(last, done)]);
    progress(Math.min(done, total), total);
    if (pause > 0) await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

/** The `_id` at which a batch ends; undefined when fewer documents are left than a batch holds. */
async function boundary(
  db: Db,
  collection: string,
  last: unknown,
  batchSize: number,
): Promise<{ last: unknown } | undefined> {
  const ids = db
    .collection(collection)
    .find({}, { projection: { _id: 1 }, readPreference: 'primary' })
    .sort({ _id: 1 });
  // A bound of the index scan, unlike a filter, goes on past the last id of the same type; it takes in `last` itself.
  const rest = last === undefined ? ids.skip(batchSize - 1) : ids.min({ _id: last }).hint({ _id: 1 }).skip(batchSize);
  const [found] = await rest.limit(1).toArray();
  return found && { last: found._id };
}

/** The documents after one id, up to another, in the order of the index. */
function between(after: unknown, upTo: { readonly last: unknown } | undefined): Filter<Document> {
  // Ids of one type lie together, so a plain range, which sees one type only, misses none of them and is the cheapest.
  if (upTo && typeOf(after) !== undefined && typeOf(after) === typeOf(upTo.last)) {
    return { _id: { $gt: after, $lte: upTo.last } as Document };
  }
  const bounds = [
    ...(after === undefined ? [] : [{ $gt: ['$_id', { $literal: after }] }]),
    ...(upTo ? [{ $lte: ['$_id', { $literal: upTo.last }] }] : []),
  ];
  return bounds.length === 0 ? {} : { $expr: { $and: bounds } };
}

/** Undefined for types that are not told apart here. */
function typeOf(id: unknown): string | undefined {
  if (id instanceof ObjectId) return 'objectId';
  return typeof id === 'string' || typeof id === 'number' ? typeof id : undefined;
}
