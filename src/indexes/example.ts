import { MongoServerError, type Collection, type Document, type Filter } from 'mongodb';
import { maxTimeExpired, unauthorized } from '../database/server-errors';
import type { KnownQuery } from './known-query';

/** How long a document with the fields may be looked for, in milliseconds. */
const lookLimit = 2_000;

/** Types as they are stored: what is read goes back to the server. */
const exactly = { promoteValues: false, promoteLongs: false } as const;

/**
 * The filter of a query, with the values of a document that is there in the place of its examples: what no document has, a server
 * answers by reading nothing. Where none has them all the examples stay.
 * @param hint its index, where the server has it and may use it: by that a document is found at once
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
    // Not every index may be hinted at: a partial one is refused.
    if (hint !== undefined && error.code !== unauthorized) return filterOf(collection, query, undefined);
    throw error;
  }
}

/** What stands at a path; of a list, the first. */
function valueAt(document: Document, path: string): unknown {
  return path.split('.').reduce<unknown>((inner, name) => {
    const one: unknown = Array.isArray(inner) ? inner[0] : inner;
    return (one as Document | undefined)?.[name];
  }, document);
}
