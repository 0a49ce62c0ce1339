import type { Place } from './change';
import type { Index } from './schema';

/** Indexes of one collection, by name. Each index in `of` serves every query that the index `prefix` serves. */
export interface RedundantPrefix {
  readonly prefix: string;
  readonly of: readonly [string, ...string[]];
}

interface PlacedIndex {
  readonly place: Place<'index'>;
  readonly value: Index;
}

/**
 * Returns indexes whose fields are the first fields of another index of the collection. An index that does more than serve queries
 * (unique, TTL) or serves them differently (partial, sparse, a collation, hidden) is not redundant.
 */
export function redundantPrefixes(indexes: readonly PlacedIndex[]): RedundantPrefix[] {
  const entries = indexes.map(({ place, value }) => [place.name, value] as const);
  const longer = entries.filter(([, index]) => hasOnly(index, ['key', 'unique', 'expireAfterSeconds']));
  return entries
    .filter(([, index]) => hasOnly(index, ['key']))
    .flatMap(([prefix, { key }]) => {
      const [first, ...others] = longer
        .filter(([name, other]) => name !== prefix && isPrefix(key, other.key))
        .map(([name]) => name);
      return first === undefined ? [] : [{ prefix, of: [first, ...others] }];
    });
}

function hasOnly(index: Index, options: readonly string[]): boolean {
  return Object.keys(index).every((option) => options.includes(option));
}

/** Returns whether the other key begins with the first key. An index can be read in both directions, so all directions may be reversed. */
function isPrefix(one: Index['key'], other: Index['key']): boolean {
  const [short, long] = [Object.entries(one), Object.entries(other)];
  if (short.length >= long.length) return false;
  const turns = short.map(([field, direction], at) => {
    const [otherField, otherDirection] = long[at] ?? [];
    return field === otherField && isDirection(direction) && isDirection(otherDirection)
      ? direction * otherDirection
      : undefined;
  });
  return turns[0] !== undefined && turns.every((turn) => turn === turns[0]);
}

function isDirection(value: unknown): value is 1 | -1 {
  return value === 1 || value === -1;
}
