import type { Db, Document } from 'mongodb';
import { coveredBy } from '../migration/index-keys';
import { documentKey, fromPlain, type Index } from '../schema';
import { keysOf } from './computed-keys';
import { mixesPositions } from './unindexable';

const shownKeys = 5;
const shownIds = 5;

export interface Duplicates {
  /** The number of keys that occur more than once. */
  readonly keys: number;
  /** For some of these keys, the `_id`s of the documents that share the key. */
  readonly samples: readonly string[];
}

/** Returns the keys that a unique index would find in more than one document. */
export async function duplicatesOf(
  db: Db,
  collection: string,
  index: Pick<Index, 'key' | 'sparse' | 'partialFilterExpression' | 'collation'>,
  maxTimeMS: number,
): Promise<Duplicates> {
  const fields = Object.keys(index.key);
  const { keys, problem } = keysOf(fields, { sparse: index.sparse });
  const pipeline: Document[] = [
    { $match: coveredBy(index, fields) },
    // A document that cannot be indexed has no keys. Another check reports such a document.
    ...(mixesPositions(fields)
      ? [{ $project: { key: keys, problem } }, { $match: { problem: null } }]
      : [{ $project: { key: keys } }]),
    { $unwind: '$key' },
    {
      $group: {
        _id: '$key',
        ids: { $minN: { input: '$_id', n: shownIds } },
        documents: { $sum: 1 },
      },
    },
    { $match: { documents: { $gt: 1 } } },
    {
      $facet: {
        keys: [{ $count: 'count' }],
        samples: [{ $sort: { ids: 1 } }, { $limit: shownKeys }, { $project: { ids: 1 } }],
      },
    },
  ];
  const options = { maxTimeMS, allowDiskUse: true, collation: collationOf(index) };
  const [found] = await db.collection(collection).aggregate<Found>(pipeline, options).toArray();
  return {
    keys: found?.keys[0]?.count ?? 0,
    samples: (found?.samples ?? []).map(({ ids }) => ids.map(documentKey).join(' and ')),
  };
}

/** Returns the collation with which an index compares strings. An index never uses the collation of its collection. */
export function collationOf({ collation }: { readonly collation?: Index['collation'] | undefined }): {
  locale: string;
} {
  return (collation ? fromPlain(collation) : { locale: 'simple' }) as { locale: string };
}

interface Found {
  readonly keys: readonly { readonly count: number }[];
  readonly samples: readonly { readonly ids: readonly unknown[] }[];
}
