import type { Db, MongoClient } from 'mongodb';
import { isOwnCollection, ownCollections } from '../schema/own-collections';

/** By client: a target names the changelog, and whoever works through its connection is handed a handle on the database. */
const names = new WeakMap<MongoClient, string>();

/** Says by which name the changelog goes, for all that is done through a client. */
export function nameChangelog(client: MongoClient, name: string | undefined): void {
  if (name !== undefined) names.set(client, name);
}

/** The name of the changelog; the usual one unless the target of the connection names another. */
export function changelogName({ client }: Pick<Db, 'client'>): string {
  return names.get(client) ?? ownCollections.changelog;
}

/** Whether a collection of a database is one that migrations keep for themselves. */
export function isOwnIn(db: Pick<Db, 'client'>, name: string): boolean {
  return isOwnCollection(name, changelogName(db));
}
