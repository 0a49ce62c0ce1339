import { ownCollections, setAsideName } from '../schema';

/** Actions that must be allowed on a collection. The collection `''` means the whole database. */
export interface Need {
  readonly collection: string;
  readonly actions: readonly string[];
}

/** The names of the database and its collections on which the verbs need privileges. */
export interface Ground {
  readonly database: string;
  /** The collections that migrations create. */
  readonly collections: readonly string[];
  readonly changelog: string;
}

/** Returns the privileges that each verb needs. docker/mongo-init.js grants all of them. */
export function needsOf({ database, collections, changelog }: Ground): Readonly<Record<string, readonly Need[]>> {
  const on = (collection: string, ...actions: string[]): Need => ({ collection, actions });
  const onEach = (...actions: string[]) => collections.map((name) => on(name, ...actions));
  const onAll = (...actions: string[]) => on('', ...actions);
  const readAndWrite = ['find', 'insert', 'update', 'remove'];
  const ddl = ['createCollection', 'createIndex', 'dropIndex', 'collMod', 'listIndexes'];
  const { history, lock, checkpoints } = ownCollections;

  const read = [onAll('listCollections'), on(changelog, 'find'), on(history, 'find'), on(lock, 'find')];
  const look = [...read, ...onEach('find', 'listIndexes')];
  const lease = [on(lock, 'find', 'insert', 'update'), on(history, 'find', 'insert', 'createIndex')];
  const record = [onAll('listCollections'), ...lease, on(changelog, ...readAndWrite, 'createIndex')];
  const change = [
    ...record,
    on(checkpoints, ...readAndWrite),
    ...onEach(...readAndWrite, ...ddl, 'dropCollection', 'collStats', 'indexStats'),
    ...collections.map((name) => on(setAsideName(database, name), 'find', 'insert', 'createIndex', 'dropCollection')),
  ];
  return {
    health: [on(changelog, 'find')],
    status: read,
    history: read,
    plan: look,
    drift: look,
    'diff live': look,
    explain: look,
    indexes: [...look, ...onEach('indexStats')],
    deploy: change,
    rollback: change,
    baseline: [...look, ...record],
    accept: record,
    'unlock --force': lease,
    backup: [onAll('listCollections', 'find', 'listIndexes')],
    restore: [onAll('listCollections', ...readAndWrite, ...ddl, 'dropCollection', 'bypassDocumentValidation')],
  };
}
