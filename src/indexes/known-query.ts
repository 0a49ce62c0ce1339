import type { Document, Filter, Sort } from 'mongodb';

/** A query that the application sends, and the index that it uses. */
export interface KnownQuery {
  /** A name that people can type: `user-by-email`. */
  readonly name: string;
  readonly collection: string;
  /** The name of the index that the query uses. */
  readonly index: string;
  /** The filter, with example values. */
  readonly filter: Filter<Document>;
  /** The fields of `filter` whose values are taken from an existing document when possible, because no document may have the example values. */
  readonly takes?: readonly string[];
  readonly sort?: Sort;
  /** The `limit` that the application sends. By default, it requests all documents. */
  readonly limit?: number;
}

/** An index by its collection and name. */
export interface IndexPlace {
  readonly collection: string;
  readonly name: string;
}

/** `users.email_1` */
export function placeText({ collection, name }: IndexPlace): string {
  return `${collection}.${name}`;
}

/** Returns the names of the queries that use an index. */
export function queriesOf(queries: readonly KnownQuery[], { collection, name }: IndexPlace): string[] {
  return queries.filter((query) => query.collection === collection && query.index === name).map((query) => query.name);
}

/** Returns the queries whose index is not in the list. */
export function withoutIndex(queries: readonly KnownQuery[], indexes: readonly IndexPlace[]): KnownQuery[] {
  const known = new Set(indexes.map(placeText));
  return queries.filter(({ collection, index }) => !known.has(placeText({ collection, name: index })));
}

/** Returns the indexes without a known query. */
export function withoutQuery(queries: readonly KnownQuery[], indexes: readonly IndexPlace[]): IndexPlace[] {
  return indexes.filter((index) => queriesOf(queries, index).length === 0);
}
