/** What applications import. */
import type { Db } from 'mongodb';
import { product } from '../product';
import { models, type CollectionName, type StoredDocument } from '../models';
import { collectionsOf } from './app/collections';
import type { TypedCollection } from './app/typed/collection';
import { createConnection, type CloseOptions, type ConnectOptions } from './app/connection';

export type { CloseOptions, ConnectOptions } from './app/connection';
export type { DocumentToInsert, TypedCollection, TypedWrite } from './app/typed/collection';
export type { DocumentFilter } from './app/typed/filter';
export type { DocumentUpdate } from './app/typed/update';
export type { ConnectionErrorCode } from './database/connection-problems';

const shared = createConnection({ appName: product.applicationName, defaultDatabase: product.defaultDatabase });

/**
 * Connects, and says which database that leads to. A process has one client: callers at the same time share it, and so do
 * later ones, who may leave the options out. It has 10 to 50 connections, which are closed when they were idle for 30 s, and
 * gives up after 5 s without a server. After an error it may be called again.
 * @throws error with a {@link ConnectionErrorCode} as its `code`, the driver's error as its `cause`, and a message that says
 *   what is wrong, where, and the fix, never a user or a password; with code `USAGE` when MONGODB_URL is not set or
 *   wrong, `CONNECTED_ELSEWHERE` when this process is connected otherwise.
 * @category Connecting
 */
export function connect(options?: ConnectOptions): Promise<Db> {
  return shared.connect(options);
}

/**
 * The database that this process is connected to.
 * @throws error with code `NOT_CONNECTED` before `connect()` has ended, and from `close()` on.
 * @category Connecting
 */
export function db(): Db {
  return shared.db();
}

/**
 * Closes the connection: lets operations that are running come to their end first, and cuts off what takes longer than
 * `patience`. A cursor that waits to be asked for more is not running: it is closed. Without a connection it does nothing; called more than once, it closes once.
 * @param options How to close.
 * @category Connecting
 */
export function close(options?: CloseOptions): Promise<void> {
  return shared.close(options);
}

/**
 * Every collection of the product, each typed by its model.
 * @category Connecting
 */
export type Collections = { readonly [Name in CollectionName]: TypedCollection<StoredDocument<Name>> };

/**
 * The collections of a database, by name: `collections(db).users` is a `TypedCollection<User>`. Types are all that is added:
 * nothing is sent, and documents are judged by the validators on the server, or by `models` before they are sent.
 * @category Connecting
 */
export function collections(db: Db): Collections {
  return collectionsOf<{ [Name in CollectionName]: StoredDocument<Name> }>(db, Object.keys(models) as CollectionName[]);
}

export {
  checkHealth,
  healthHandler,
  healthPlugin,
  type Health,
  type HealthHandler,
  type HealthOptions,
} from './health';
export * from '../models';
export {
  accept,
  baseline,
  deploy,
  history,
  pendingMigrations,
  planRollback,
  redo,
  reset,
  rollback,
  status,
  unlock,
  type AcceptOptions,
  type Attempt,
  type BaselineOptions,
  type BaselineReport,
  type Differences,
  type DeployOptions,
  type DeployReport,
  type HistoryOptions,
  type MigrationFinding,
  type PlannedRollback,
  type RedoOptions,
  type RedoReport,
  type ResetOptions,
  type ResetReport,
  type RollbackOptions,
  type RollbackPlan,
  type RollbackReport,
  type RunEvent,
  type RunMigration,
  type RunOptions,
  type StatusOptions,
  type StatusReport,
  type UnfinishedDrop,
  type UnlockOptions,
  type UnlockReport,
} from './deploy';
export { type Target } from './database';
export type { MigrationState, MigrationStatus, StoredEvent } from './history';
export { drift, plan, type DriftFinding, type DriftOptions, type DriftReport, type PlanReport } from './review';
export { MongoUrl } from './support/mongo-url';
export type { ErrorCode } from './support/error-codes';
export { SchemaError, type ErrorDetails, type ErrorReport } from './support/schema-error';
