import { Double, Int32, Long, ObjectId, type Db, type Document, type Filter } from 'mongodb';
import { bytesOf, exactField } from '../support/exact-bson';

/** The last `_id` of a batch, as a value that the driver serializes to exactly the stored bytes. */
export interface Boundary {
  readonly value: unknown;
}

/**
 * Returns the `_id` at which a batch ends; undefined when fewer documents than a batch are left. A batch never ends at an `_id` that the
 * driver cannot send with exactly the stored bytes: in this case, the batch continues to the next suitable `_id`. Documents whose `_id` is
 * above `upTo` are not counted.
 */
export async function boundary(
  db: Db,
  collection: string,
  last: Boundary | undefined,
  batchSize: number,
  upTo?: Boundary,
): Promise<Boundary | undefined> {
  // Unlike a filter, the bound of an index scan (`min`) does not stop after the last id of one type. The scan includes `last` itself, so
  // one more document is skipped.
  let skip = last ? batchSize : batchSize - 1;
  for (let limit = 1; ; limit *= 10) {
    const ids = db
      .collection(collection)
      .find(between(undefined, upTo), { projection: { _id: 1 }, readPreference: 'primary', raw: true })
      .sort({ _id: 1 });
    const rest = last ? ids.min({ _id: last.value }).hint({ _id: 1 }) : ids;
    const found = (await rest.skip(skip).limit(limit).toArray()).map(bytesOf);
    for (const raw of found) {
      const end = exactField(raw, '_id');
      if (end) return end;
    }
    if (found.length < limit) return undefined;
    skip += limit;
  }
}

/** Returns a filter for the documents whose ids come after `after` in the order of the index, up to and including `upTo`. */
export function between(after: Boundary | undefined, upTo: Boundary | undefined): Filter<Document> {
  // In the index, ids of one type are next to each other. So if both ids have the same type, a plain range, which matches only this type,
  // finds all documents in between at the lowest cost.
  if (after && upTo && typeOf(after.value) !== undefined && typeOf(after.value) === typeOf(upTo.value)) {
    return { _id: { $gt: after.value, $lte: upTo.value } as Document };
  }
  const bounds = [
    ...(after ? [{ $gt: ['$_id', { $literal: after.value }] }] : []),
    ...(upTo ? [{ $lte: ['$_id', { $literal: upTo.value }] }] : []),
  ];
  return bounds.length === 0 ? {} : { $expr: { $and: bounds } };
}

/** Returns the type of an id; undefined for types that this function does not know, and for NaN, which a plain range leaves out. */
function typeOf(id: unknown): string | undefined {
  if (id instanceof ObjectId) return 'objectId';
  if (id instanceof Long) return 'number';
  if (id instanceof Int32 || id instanceof Double) return Number.isNaN(id.valueOf()) ? undefined : 'number';
  return typeof id === 'string' ? 'string' : undefined;
}

/**
 * Returns the largest `_id` of a collection that the driver can send with exactly the stored bytes; undefined when there is no such `_id`.
 */
export async function largestId(db: Db, collection: string): Promise<Boundary | undefined> {
  const options = { projection: { _id: 1 }, readPreference: 'primary', raw: true } as const;
  for await (const raw of db.collection(collection).find({}, options).sort({ _id: -1 })) {
    const largest = exactField(bytesOf(raw), '_id');
    if (largest) return largest;
  }
  return undefined;
}
