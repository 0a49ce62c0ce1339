import type { Document, Filter, Sort } from 'mongodb';

/** A query that the application sends, and the index that is there for it. */
export interface KnownQuery {
  /** By which people ask for it: `user-by-email`. */
  readonly name: string;
  readonly collection: string;
  /** The index that serves it. */
  readonly index: string;
  /** With example values. */
  readonly filter: Filter<Document>;
  /** The fields of `filter` whose value is taken from a document of the collection, where one has them: an example need not be there. */
  readonly takes?: readonly string[];
  readonly sort?: Sort;
  /** How many documents the application asks for at once; all of them unless given. */
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

/** The names of the queries that an index is there for. */
export function queriesOf(queries: readonly KnownQuery[], { collection, name }: IndexPlace): string[] {
  return queries.filter((query) => query.collection === collection && query.index === name).map((query) => query.name);
}

/** The queries whose index is not among these. */
export function withoutIndex(queries: readonly KnownQuery[], indexes: readonly IndexPlace[]): KnownQuery[] {
  const known = new Set(indexes.map(placeText));
  return queries.filter(({ collection, index }) => !known.has(placeText({ collection, name: index })));
}

/** The indexes that no query is known for. */
export function withoutQuery(queries: readonly KnownQuery[], indexes: readonly IndexPlace[]): IndexPlace[] {
  return indexes.filter((index) => queriesOf(queries, index).length === 0);
}
