import type { KnownQuery } from '../indexes';
import { filterShape, sortShape } from './filter-shape';
import type { QueryShape } from './query';

/** Returns the names of the known queries of a collection that have the same filter shape and sort. */
export function queriesAlike(
  queries: readonly KnownQuery[],
  collection: string,
  { filter, sort }: QueryShape,
): string[] {
  return queries
    .filter(
      (query) => query.collection === collection && filterShape(query.filter) === filter && sortOf(query) === sort,
    )
    .map(({ name }) => name);
}

function sortOf({ sort }: KnownQuery): string | undefined {
  return sort === undefined ? undefined : sortShape(sort);
}
