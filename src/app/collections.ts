import type { Db } from 'mongodb';
import type { TypedCollection } from './typed/collection';

/** Returns the collections of a database by name, with the types of their documents. Sends nothing to the server. */
export function collectionsOf<Documents extends object>(
  db: Db,
  names: readonly (keyof Documents & string)[],
): { readonly [Name in keyof Documents]: TypedCollection<Documents[Name] & object> } {
  return Object.fromEntries(names.map((name) => [name, db.collection(name)])) as never;
}
