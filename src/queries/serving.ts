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

/** What an index does for a shape, or would do. */
export type IndexVerdict =
  | { readonly servedBy: string }
  | { readonly wanted: WantedIndex }
  /** Why there is nothing to say. */
  | { readonly none: string };

export interface WantedIndex {
  readonly name: string;
  readonly key: Readonly<Record<string, 1 | -1>>;
}

/**
 * Whether an index of a collection serves what is asked for, by equality, sort and range; and the one that would.
 * An index may go on with more fields.
 */
export function verdictOn(needs: IndexNeeds, collection: string, schema: Schema): IndexVerdict {
  if (needs.problem !== undefined) return { none: needs.problem };
  if (needs.equal.includes('_id')) return { servedBy: '_id_' };
  const contents = own(schema, collection);
  if (contents?.view !== undefined) return { none: `${collection} is a view: what it stands on has the indexes` };
  if (contents?.options?.['timeseries'] !== undefined) {
    return { none: `${collection} is a time series, whose documents are kept in buckets` };
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
  if (same) return { none: `${name} is there, and ${whyNot(same)}` };
  return { wanted: { name, key } };
}

function whyNot({ hidden, partialFilterExpression, sparse }: Index): string {
  if (hidden) return 'hidden';
  if (partialFilterExpression) return 'holds only some of the documents';
  return sparse ? 'is sparse' : 'compares texts by other rules';
}

/** Whether a query without a collation of its own may use it, whatever documents there are. */
function isUsable(index: Index, contents: Contents | undefined, { equal, range }: IndexNeeds): boolean {
  const collation = contents?.options?.['collation'] as PlainObject | undefined;
  const [first = ''] = Object.keys(index.key);
  return (
    !index.hidden &&
    // It lacks the documents without the field, which matters only to who asks for all of them.
    (!index.sparse || equal.includes(first) || range.includes(first)) &&
    index.partialFilterExpression === undefined &&
    hasSameCollation(withCollation(index.collation), withCollation(collation))
  );
}

function withCollation(collation: PlainObject | undefined): { readonly collation?: PlainObject } {
  return collation ? { collation } : {};
}

/** Whether a key begins with what is asked for: equal fields in any order, the sort in one direction or the other, then a range. */
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
    // A sort must not begin before the fields that equal a value are through: they would split it up.
    if (left.size > 0 || next?.[0] !== path) return false;
    turn ??= kind * next[1];
    if (kind * next[1] !== turn) return false;
    order.shift();
  }
  return left.size === 0 && order.length === 0 && range.length === 0;
}

/** Equality first, then the sort, then one range: a second one would not narrow down what is read of the index. */
function keyFor({ equal, sort, range }: IndexNeeds): Record<string, 1 | -1> {
  return Object.fromEntries([
    ...equal.map((path) => [path, 1] as const),
    ...sort,
    ...range.slice(0, 1).map((path) => [path, 1] as const),
  ]);
}
