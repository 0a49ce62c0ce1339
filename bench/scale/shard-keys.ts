import type { IndexDirection } from 'mongodb';
import type { KnownQuery } from '../../src/indexes';
import type { Growth, Unit } from './arrivals';

/** A candidate shard key of a collection. */
export interface ShardKey {
  readonly fields: Readonly<Record<string, 1 | 'hashed'>>;
  /** Returns the position of a unit in the order of this key. */
  readonly place: (unit: Unit) => number;
  /** Whether many documents can have the same key value. A range cannot be smaller than all documents of one value. */
  readonly isShared: boolean;
}

/** The distance between the positions of two owners. This distance exceeds the number of units. */
const perOwner = 2 ** 20;

export function shardKeysFor({ owner, collection }: Growth): ShardKey[] {
  const byTime = ({ number }: Unit) => number;
  const byOwner = ({ owner: of, number }: Unit) => of * perOwner + number;
  const byHashOfOwner = ({ ownerHash, number }: Unit) => ownerHash + number / perOwner;
  return [
    { fields: { _id: 1 }, place: byTime, isShared: false },
    { fields: { _id: 'hashed' }, place: ({ hash }) => hash, isShared: false },
    // The TTLs of the other two collections use this field.
    ...(collection === 'results' ? [] : [{ fields: { created_at: 1 } as const, place: byTime, isShared: false }]),
    { fields: { [owner]: 1 }, place: ({ owner: of }) => of, isShared: true },
    { fields: { [owner]: 'hashed' }, place: ({ ownerHash }) => ownerHash, isShared: true },
    { fields: { [owner]: 1, created_at: 1 }, place: byOwner, isShared: false },
    { fields: { [owner]: 1, _id: 1 }, place: byOwner, isShared: false },
    { fields: { [owner]: 'hashed', _id: 1 }, place: byHashOfOwner, isShared: false },
  ];
}

export function isHashed({ fields }: ShardKey): boolean {
  return Object.values(fields).includes('hashed');
}

/** Returns the key as text, such as `{ project_id: 1, _id: 1 }`. */
export function textOf({ fields }: ShardKey): string {
  const parts = Object.entries(fields).map(([name, direction]) =>
    direction === 'hashed' ? `${name}: 'hashed'` : `${name}: ${direction}`,
  );
  return `{ ${parts.join(', ')} }`;
}

/** Returns whether mongos sends a query to one shard: the query compares the first field of the key with one value. */
export function goesToOneShard({ fields }: ShardKey, { filter }: KnownQuery): boolean {
  const [first = ''] = Object.keys(fields);
  return first in filter && !hasOperators((filter as Record<string, unknown>)[first]);
}

function hasOperators(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).some((name) => name.startsWith('$'));
}

/** An index in schema/schema.json. */
export interface Index {
  readonly key: Readonly<Record<string, IndexDirection>>;
  readonly unique?: boolean;
}

/** Returns the index that supports the key. The server requires such an index before it shards a collection with documents. */
export function supportingIndex({ fields }: ShardKey, indexes: Readonly<Record<string, Index>>): string | undefined {
  const all = { _id_: { key: { _id: 1 } }, ...indexes } as Readonly<Record<string, Index>>;
  return Object.keys(all).find((name) => {
    const key = Object.entries(all[name]?.key ?? {});
    return Object.entries(fields).every(([field, direction], at) => key[at]?.[0] === field && key[at][1] === direction);
  });
}

/** Returns the fields that a shard key may have, in this order: the common prefix of all unique indexes. Undefined if there is no unique index. */
export function fieldsLeft(indexes: Readonly<Record<string, Index>>): readonly string[] | undefined {
  const unique = Object.values(indexes).filter((index) => index.unique === true);
  const [first, ...others] = unique.map(({ key }) => Object.keys(key));
  if (first === undefined) return undefined;
  const end = first.findIndex((field, at) => others.some((fields) => fields[at] !== field));
  return end === -1 ? first : first.slice(0, end);
}

/** Returns whether the shard key is compatible with all unique indexes of a collection. */
export function allowsUnique(key: ShardKey, indexes: Readonly<Record<string, Index>>): boolean {
  const left = fieldsLeft(indexes);
  return left === undefined || (!isHashed(key) && Object.keys(key.fields).every((field, at) => left[at] === field));
}
