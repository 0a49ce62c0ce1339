import type { Db, Document, Filter, UpdateFilter } from 'mongodb';
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

const defaultBatchSize = 5_000;
/** Documents may come in behind the walk, with smaller `_id`s; so often it begins again. */
const mostPasses = 5;

/**
 * Walks a collection in the order of its `_id`s, whatever their types, and updates what matches, batch by batch.
 * @throws Error when documents still match after several walks: then the update leaves its own filter true.
 */
export async function updateInBatches(context: DataContext, collection: string, batch: BatchUpdate): Promise<void> {
  const checkpoints = context.db.collection<Checkpoint>(ownCollections.checkpoints, { writeConcern: majority });
  const _id = context.checkpoint;
  for (let pass = 0; pass < mostPasses; pass++) {
    const from = await checkpoints.findOne({ _id }, { readConcern: 'majority', readPreference: 'primary' });
    await walk(context, collection, batch, from, async (last, done) => {
      await checkpoints.replaceOne({ _id }, { last, done }, { upsert: true });
    });
    await context.guard();
    await checkpoints.deleteOne({ _id });
    const left = await context.db.collection(collection).findOne(batch.filter, { projection: { _id: 1 } });
    if (left === null) return;
  }
  throw new Error(
    `Documents of ${collection} still match the backfill's filter after ${mostPasses} walks over all of them: ` +
      'its update must make a document stop matching its filter.',
  );
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
  for (;;) {
    const upper = await boundary(db, collection, last, batchSize);
    const range = upper ? [after(last), upTo(upper.last)] : [after(last)];
    await guard();
    await documents.updateMany({ $and: [filter, ...range] }, update, {
      writeConcern: majority,
    });
    if (!upper) {
      progress(total, total);
      return;
    }
    ({ last } = upper);
    done += batchSize;
    await save(last, done);
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
  const [found] = await db
    .collection(collection)
    .find(after(last), { projection: { _id: 1 }, readPreference: 'primary' })
    .sort({ _id: 1 })
    .skip(batchSize - 1)
    .limit(1)
    .toArray();
  return found && { last: found._id };
}

/** As an expression: a plain comparison would see only the ids of the same type, and collections mix them. */
function after(last: unknown): Filter<Document> {
  return last === undefined ? {} : { $expr: { $gt: ['$_id', { $literal: last }] } };
}

function upTo(last: unknown): Filter<Document> {
  return { $expr: { $lte: ['$_id', { $literal: last }] } };
}
