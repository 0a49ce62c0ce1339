import type { Db, MongoClient } from 'mongodb';
import { isOwnCollection, ownCollections } from '../schema/own-collections';

/** The name of the changelog by client. A target names it, but code that uses the connection only gets a database handle. */
const names = new WeakMap<MongoClient, string>();

/** Sets the name of the changelog for everything that uses a client. */
export function nameChangelog(client: MongoClient, name: string | undefined): void {
  if (name !== undefined) names.set(client, name);
}

/** Returns the name of the changelog: the one that the target of the connection names, else the default. */
export function changelogName({ client }: Pick<Db, 'client'>): string {
  return names.get(client) ?? ownCollections.changelog;
}

/** Returns whether a collection belongs to the migrations themselves. */
export function isOwnIn(db: Pick<Db, 'client'>, name: string): boolean {
  return isOwnCollection(name, changelogName(db));
}
