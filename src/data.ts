/** What applications import: the package `sentimatrix-schema`. It loads no migration and nothing that carries one out. */
import type { Db } from 'mongodb';
import { application } from '../models/application';
import frozen from '../migrations/frozen.json';
import { models, type CollectionName, type StoredDocument } from '../models';
import { collectionsOf } from './app/collections';
import type { TypedCollection } from './app/typed/collection';
import { createConnection, type CloseOptions, type ConnectOptions } from './app/connection';
import { checkHealth as lookNow, type HealthOptions } from './health/cached';
import type { Health } from './health/check';
import {
  healthHandler as handlerFor,
  healthPlugin as pluginFor,
  type HealthHandler,
  type HealthPlugin,
} from './health/handler';

export type { CloseOptions, ConnectOptions } from './app/connection';
export type { DocumentToInsert, TypedCollection, TypedWrite } from './app/typed/collection';
export type { DocumentFilter } from './app/typed/filter';
export type { DocumentUpdate } from './app/typed/update';
export type { ConnectionErrorCode } from './database/connection-error-code';
export type { Health, HealthHandler, HealthOptions, HealthPlugin };

const shared = createConnection(application);
/** The names of this version's migrations. Bundlers follow the import; a file that is read they would leave behind. */
const own = Object.keys(frozen);

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

/**
 * Looks at a database now.
 * @returns how it does, also when no server answers.
 * @throws error when the folder of the migrations cannot be read.
 * @category Health
 */
export function checkHealth(db: Db, options?: Omit<HealthOptions, 'maxAge'>): Promise<Health> {
  return lookNow(db, withOwn(options));
}

/**
 * Probes for node:http (`createServer(healthHandler(db))`) and Express (`app.use(healthHandler(db))`).
 * @throws error when the folder of the migrations cannot be read.
 * @category Health
 */
export function healthHandler(db: Db, options?: HealthOptions): HealthHandler {
  return handlerFor(db, withOwn(options));
}

/**
 * Probes for Fastify: `app.register(healthPlugin(db))`.
 * @throws error when the folder of the migrations cannot be read.
 * @category Health
 */
export function healthPlugin(db: Db, options?: HealthOptions): HealthPlugin {
  return pluginFor(db, withOwn(options));
}

function withOwn(options: HealthOptions = {}): HealthOptions {
  return { ...options, migrations: options.migrations ?? own };
}

export * from '../models';
