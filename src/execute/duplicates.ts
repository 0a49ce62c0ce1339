import type { Db, Document } from 'mongodb';
import { coveredBy, keyOf } from '../migration/index-keys';
import { documentKey, fromPlain, type Index } from '../schema';

const shownKeys = 5;
const shownIds = 5;

export interface Duplicates {
  /** How many keys are there more than once. */
  readonly keys: number;
  /** For some of them, the `_id`s of the documents that share it. */
  readonly samples: readonly string[];
}

/** The keys that a unique index would find more than once: of arrays, each element is a key of its own. */
export async function duplicatesOf(
  db: Db,
  collection: string,
  index: Pick<Index, 'key' | 'sparse' | 'partialFilterExpression' | 'collation'>,
  maxTimeMS: number,
): Promise<Duplicates> {
  const fields = Object.keys(index.key);
  const names = fields.map((_, at) => `key${at}`);
  const pipeline: Document[] = [
    { $match: coveredBy(index, fields) },
    ...arraysAbove(fields).map(unwind),
    { $project: Object.fromEntries(fields.map((field, at) => [`key${at}`, keyOf(field)])) },
    ...names.map(unwind),
    // A document may hold the same element twice without colliding with itself.
    { $group: { _id: { ...Object.fromEntries(names.map((name) => [name, `$${name}`])), id: '$_id' } } },
    {
      $group: {
        _id: Object.fromEntries(names.map((name) => [name, `$_id.${name}`])),
        ids: { $minN: { input: '$_id.id', n: shownIds } },
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
  const collation = index.collation ? fromPlain(index.collation) : { locale: 'simple' };
  const options = { maxTimeMS, allowDiskUse: true, collation: collation as { locale: string } };
  const [found] = await db.collection(collection).aggregate<Found>(pipeline, options).toArray();
  return {
    keys: found?.keys[0]?.count ?? 0,
    samples: (found?.samples ?? []).map(({ ids }) => ids.map(documentKey).join(' and ')),
  };
}

interface Found {
  readonly keys: readonly { readonly count: number }[];
  readonly samples: readonly { readonly ids: readonly unknown[] }[];
}

function unwind(path: string): Document {
  return { $unwind: { path: `$${path}`, preserveNullAndEmptyArrays: true } };
}

/** Where arrays of objects may stand: of `a.b` and `a.c` in one index, the keys are those of one element of `a` each. */
function arraysAbove(fields: readonly string[]): string[] {
  const above = fields.flatMap((field) => [...field.matchAll(/\./g)].map(({ index }) => field.slice(0, index)));
  return [...new Set(above)].sort((one, other) => one.length - other.length);
}
