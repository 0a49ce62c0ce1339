import type { Collection, Db } from 'mongodb';

/** The collections of a database with their types, by name. Types are all that is added: nothing is sent. */
export function collectionsOf<Documents extends object>(
  db: Db,
  names: readonly (keyof Documents & string)[],
): { readonly [Name in keyof Documents]: Collection<Documents[Name] & object> } {
  return Object.fromEntries(names.map((name) => [name, db.collection(name)])) as never;
}
