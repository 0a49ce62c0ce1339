import { MongoBulkWriteError, type Db, type ObjectId } from 'mongodb';
import type { CollectionName } from '../../models';
import { idsOf } from '../ids';
import { countOf, makeMany, type Seeder } from '../seeder';
import { seeders } from '../seeders';
import type { World } from '../world';
import { refuseConflict } from './conflicts';

export interface Filled {
  readonly added: number;
  /** The number of documents from earlier runs. */
  readonly present: number;
}

export interface FillOptions {
  /** The number of documents in one `insertMany`. */
  readonly batch?: number | undefined;
  /** The number of batches that are sent at the same time. It limits how many documents are in memory. */
  readonly inFlight?: number | undefined;
  /** Called with the number of existing documents in all collections. */
  readonly onProgress?: ((done: number) => void) | undefined;
  /** Called before each batch. The work ends when this function returns true. */
  readonly isStopped?: (() => boolean) | undefined;
}

/**
 * Generates the documents of a world, and inserts those that are missing. A run can continue after any interruption, because
 * the ids show which documents exist.
 * @throws error with code `CONFLICT` when there is a conflict with a document that the seeder did not create
 */
export async function fill(db: Db, world: World, options: FillOptions): Promise<Map<CollectionName, Filled>> {
  const filled = new Map<CollectionName, Filled>();
  let done = 0;
  for (const seeder of seeders) {
    filled.set(
      seeder.collection,
      await fillOne(db, seeder, world, options, (more) => options.onProgress?.((done += more))),
    );
  }
  return filled;
}

async function fillOne(
  db: Db,
  seeder: Seeder,
  world: World,
  { batch = 2_000, inFlight = 2, isStopped }: FillOptions,
  onBatch: (documents: number) => void,
): Promise<Filled> {
  const collection = db.collection(seeder.collection);
  const count = countOf(seeder, world.size);
  // Always look for existing users: the shared accounts may exist although the seed has no documents yet.
  const mayBePresent = seeder.collection === 'users' || (await collection.findOne({ _id: idsOf(world.seed) })) !== null;
  let next = 0;
  let added = 0;
  let present = 0;
  let failed = false;
  const lane = async () => {
    while (next < count && !failed && !isStopped?.()) {
      const from = next;
      next = Math.min(from + batch, count);
      const made = makeMany(seeder, world, from, next);
      const inserted = await insertMissing(db, seeder.collection, made, mayBePresent);
      added += inserted;
      present += made.length - inserted;
      onBatch(made.length);
    }
  };
  const lanes = Array.from({ length: inFlight }, () =>
    lane().catch((error: unknown) => {
      failed = true;
      throw error;
    }),
  );
  // Wait for all inserts before an error is thrown, so that nothing is written afterwards.
  for (const outcome of await Promise.allSettled(lanes)) if (outcome.status === 'rejected') throw outcome.reason;
  return { added, present };
}

type Made = readonly { readonly _id: ObjectId }[];

/** Inserts documents, and returns the number of inserted ones. The other documents existed already. */
async function insertMissing(db: Db, name: CollectionName, made: Made, mayBePresent: boolean): Promise<number> {
  const collection = db.collection(name);
  let missing = made;
  if (mayBePresent) {
    const found = await collection
      .find({ _id: { $in: made.map(({ _id }) => _id) } }, { projection: { _id: 1 } })
      .map(({ _id }) => _id.toHexString())
      .toArray();
    const present = new Set(found);
    missing = made.filter(({ _id }) => !present.has(_id.toHexString()));
  }
  if (missing.length === 0) return 0;
  try {
    return (await collection.insertMany(missing, { ordered: false })).insertedCount;
  } catch (error) {
    if (!(error instanceof MongoBulkWriteError)) throw error;
    refuseConflict(name, error);
    return error.insertedCount;
  }
}
