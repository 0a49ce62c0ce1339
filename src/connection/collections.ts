import type { Collection, Db } from 'mongodb';
import { models, type CollectionName, type StoredDocument } from '../models';

/**
 * Every collection of the product, each typed by its model.
 * @category Connecting
 */
export type Collections = { readonly [Name in CollectionName]: Collection<StoredDocument<Name>> };

/**
 * The collections of a database, by name: `collections(db).users` is a `Collection<User>`. Types are all that is added:
 * nothing is sent, and documents are judged by the validators on the server, or by `models` before they are sent.
 * @category Connecting
 */
export function collections(db: Db): Collections {
  const names = Object.keys(models) as CollectionName[];
  return Object.fromEntries(names.map((name) => [name, db.collection(name)])) as unknown as Collections;
}
