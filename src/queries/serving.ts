import {
  defaultIndexName,
  entriesIn,
  find,
  hasSameCollation,
  own,
  type Contents,
  type Index,
  type PlainObject,
  type Schema,
} from '../schema';
import type { IndexNeeds } from './needs';

/** The existing index that serves a query shape, or the new index that would serve it. */
export type IndexVerdict =
  | { readonly servedBy: string }
  | { readonly wanted: WantedIndex }
  /** Why no index is suggested. */
  | { readonly none: string };

export interface WantedIndex {
  readonly name: string;
  readonly key: Readonly<Record<string, 1 | -1>>;
}

/**
 * Returns the existing index that serves a query, or else the index that would serve the query.
 * The key of the existing index may have more fields after those that the query needs.
 */
export function verdictOn(needs: IndexNeeds, collection: string, schema: Schema): IndexVerdict {
  if (needs.problem !== undefined) return { none: needs.problem };
  if (needs.equal.includes('_id')) return { servedBy: '_id_' };
  const contents = own(schema, collection);
  if (contents?.view !== undefined)
    return { none: `${collection} is a view: only the collection that it reads from has indexes` };
  if (contents?.options?.['timeseries'] !== undefined) {
    return { none: `${collection} is a time series, which stores its documents in buckets` };
  }
  const found = entriesIn(schema, collection, 'index').find(
    ({ value }) => isUsable(value, contents, needs) && serves(value.key, needs),
  );
  if (found) return { servedBy: found.place.name };
  const isOnId = serves({ _id: 1 }, needs);
  if (isOnId) return { servedBy: '_id_' };
  const key = keyFor(needs);
  const name = defaultIndexName(key);
  const same = find(schema, 'index', { collection, name });
  if (same) return { none: `the index ${name} exists, but ${whyNot(same)}` };
  return { wanted: { name, key } };
}

function whyNot({ hidden, partialFilterExpression, sparse }: Index): string {
  if (hidden) return 'is hidden';
  if (partialFilterExpression) return 'is partial: it does not contain all documents';
  return sparse ? 'is sparse: it does not contain all documents' : 'has another collation';
}

/** Returns whether a query without its own collation can use the index, whatever documents the collection contains. */
function isUsable(index: Index, contents: Contents | undefined, { equal, range }: IndexNeeds): boolean {
  const collation = contents?.options?.['collation'] as PlainObject | undefined;
  const [first = ''] = Object.keys(index.key);
  return (
    !index.hidden &&
    // A sparse index does not contain documents without its field. A query with a condition on that field does not need these documents.
    (!index.sparse || equal.includes(first) || range.includes(first)) &&
    index.partialFilterExpression === undefined &&
    hasSameCollation(withCollation(index.collation), withCollation(collation))
  );
}

function withCollation(collation: PlainObject | undefined): { readonly collation?: PlainObject } {
  return collation ? { collation } : {};
}

/** Returns whether a key begins with the fields for equality in any order, then the sort in either direction, then a range. */
export function serves(key: Index['key'], { equal, sort, range }: IndexNeeds): boolean {
  const fields = Object.entries(key);
  const [only] = fields;
  if (only?.[1] === 'hashed')
    return fields.length === 1 && equal.join() === only[0] && sort.length + range.length === 0;
  const left = new Set(equal);
  const order = [...sort];
  let turn: number | undefined;
  for (const [path, kind] of fields) {
    const isDone = left.size === 0 && order.length === 0;
    if (isDone && range.length === 0) return true;
    if (kind !== 1 && kind !== -1) return false;
    if (isDone) return range.includes(path);
    if (left.delete(path)) continue;
    const [next] = order;
    // All fields for equality must come before the sort. Otherwise the index does not return the documents in the order of the sort.
    if (left.size > 0 || next?.[0] !== path) return false;
    turn ??= kind * next[1];
    if (kind * next[1] !== turn) return false;
    order.shift();
  }
  return left.size === 0 && order.length === 0 && range.length === 0;
}

/** Returns the key to suggest: fields for equality, then the sort, then one range. A second range would not reduce the keys read. */
function keyFor({ equal, sort, range }: IndexNeeds): Record<string, 1 | -1> {
  return Object.fromEntries([
    ...equal.map((path) => [path, 1] as const),
    ...sort,
    ...range.slice(0, 1).map((path) => [path, 1] as const),
  ]);
}
