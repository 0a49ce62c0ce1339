import type { Db, Document, Filter } from 'mongodb';
import { documentKey } from '../schema';

const shown = 5;

export interface Violators {
  readonly count: number;
  /** The `_id`s of some of them, as text. */
  readonly ids: readonly string[];
}

/** The documents that a validator would refuse. `maxTimeMS`, in milliseconds, bounds each of the two queries. */
export async function violatorsOf(
  db: Db,
  collection: string,
  validator: Document,
  { maxTimeMS = 0 }: { maxTimeMS?: number } = {},
): Promise<Violators> {
  const filter: Filter<Document> = { $nor: [validator] };
  const options = { readPreference: 'primary', maxTimeMS } as const;
  const documents = db.collection(collection);
  const found = await documents
    .find(filter, { ...options, projection: { _id: 1 } })
    .limit(shown)
    .toArray();
  if (found.length === 0) return { count: 0, ids: [] };
  const count = found.length < shown ? found.length : await documents.countDocuments(filter, options);
  return { count, ids: found.map(({ _id }) => documentKey(_id)) };
}
