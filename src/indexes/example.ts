import { MongoServerError, type Collection, type Document, type Filter } from 'mongodb';
import { maxTimeExpired, unauthorized } from '../database/server-errors';
import type { KnownQuery } from './known-query';

/** The time limit to find a document with the fields, in milliseconds. */
const lookLimit = 2_000;

/** Read options that keep the stored types, because the values are sent back to the server. */
const exactly = { promoteValues: false, promoteLongs: false } as const;

/**
 * Returns the filter of a query, with values from an existing document instead of the example values. The example values might match no
 * document, and then the server would read nothing. When no document has all the fields, the example values stay in the filter.
 * @param hint the index of the query, if the server has this index: with this hint, the server finds a document immediately
 */
export async function filterOf(
  collection: Collection,
  query: KnownQuery,
  hint: string | undefined,
): Promise<Filter<Document>> {
  const { filter, takes = [] } = query;
  if (takes.length === 0) return filter;
  const present = Object.fromEntries(takes.map((path) => [path, { $ne: null }]));
  const projection = Object.fromEntries(takes.map((path) => [path, 1]));
  const options = { projection, maxTimeMS: lookLimit, ...(hint !== undefined && { hint }), ...exactly };
  try {
    const found = await collection.findOne(present, options);
    if (!found) return filter;
    return { ...filter, ...Object.fromEntries(takes.map((path) => [path, valueAt(found, path)])) };
  } catch (error) {
    if (!(error instanceof MongoServerError)) throw error;
    if (error.code === maxTimeExpired) return filter;
    // Some indexes, such as partial ones, cannot be used as a hint.
    if (hint !== undefined && error.code !== unauthorized) return filterOf(collection, query, undefined);
    throw error;
  }
}

/** Returns the value at a path; for a list, its first item. */
function valueAt(document: Document, path: string): unknown {
  return path.split('.').reduce<unknown>((inner, name) => {
    const one: unknown = Array.isArray(inner) ? inner[0] : inner;
    return (one as Document | undefined)?.[name];
  }, document);
}
