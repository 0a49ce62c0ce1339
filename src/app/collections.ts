import type { Db } from 'mongodb';
import type { TypedCollection } from './typed/collection';

/** The collections of a database with their types, by name. Types are all that is added: nothing is sent. */
export function collectionsOf<Documents extends object>(
  db: Db,
  names: readonly (keyof Documents & string)[],
): { readonly [Name in keyof Documents]: TypedCollection<Documents[Name] & object> } {
  return Object.fromEntries(names.map((name) => [name, db.collection(name)])) as never;
}
