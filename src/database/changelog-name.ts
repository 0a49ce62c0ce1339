import type { Db, MongoClient } from 'mongodb';
import { isOwnCollection, ownCollections } from '../schema/own-collections';

/**
 * The name of the changelog for each client. The target of a connection contains this name, but code that uses the connection gets only a
 * database handle, and finds the name by the handle's client.
 */
const names = new WeakMap<MongoClient, string>();

/** Sets the name of the changelog for everything that uses a client. */
export function nameChangelog(client: MongoClient, name: string | undefined): void {
  if (name !== undefined) names.set(client, name);
}

/** Returns the name of the changelog: the name in the target of the connection, else the default name. */
export function changelogName({ client }: Pick<Db, 'client'>): string {
  return names.get(client) ?? ownCollections.changelog;
}

/** Returns whether a collection contains the tool's own records, such as the changelog and the history. */
export function isOwnIn(db: Pick<Db, 'client'>, name: string): boolean {
  return isOwnCollection(name, changelogName(db));
}
