import type { Db } from 'mongodb';
import { ownCollections } from '../schema';
import { isObject } from '../support/is-object';

/**
 * When a process began or continued a walk (the pass of a data step over a collection), and the progress of the walk at that time. The
 * times are from the clock of that process. Stored in the checkpoint of the walk.
 */
export interface StoredPace {
  readonly collection: string;
  /** The number of documents in the collection, by the server's estimate. */
  readonly total: number;
  readonly since: Date;
  /** How many documents the walk had processed at `since`. */
  readonly from: number;
  /** When the checkpoint was stored. */
  readonly at: Date;
}

/** Returns the walks of a migration that have checkpoints and are not finished, and how many documents each walk has processed. */
export async function readPaces(
  db: Db,
  migration: string,
): Promise<{ readonly pace: StoredPace; readonly done: number }[]> {
  const own = db.collection<{ _id: string }>(ownCollections.checkpoints);
  // Names of steps begin with the name of the migration and `#`. In the order of characters, `$` comes right after `#`, so this range
  // contains exactly these names.
  const filter = { _id: { $gte: `${migration}#`, $lt: `${migration}$` } };
  const options = { projection: { done: 1, finished: 1, pace: 1 }, readPreference: 'primary' } as const;
  const found = await own.find(filter, options).toArray();
  return (found as object[]).flatMap((checkpoint) => {
    const { done, finished, pace } = checkpoint as Readonly<Record<string, unknown>>;
    return finished !== true && typeof done === 'number' && isPace(pace) ? [{ pace, done }] : [];
  });
}

function isPace(value: unknown): value is StoredPace {
  if (!isObject(value)) return false;
  const { collection, total, since, from, at } = value;
  const areDates = since instanceof Date && at instanceof Date;
  return areDates && typeof collection === 'string' && typeof total === 'number' && typeof from === 'number';
}
