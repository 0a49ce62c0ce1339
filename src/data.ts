/** The package `sentimatrix-schema`, for applications. It loads no migrations, and no code that runs them. */
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
/** The names of this version's migrations. They come from an imported file: bundlers leave out files that are read at run time. */
const own = Object.keys(frozen);

/**
 * Connects, and returns the database. A process has one client: calls at the same time share it, and later calls
 * may omit the options. The client has 10 to 50 connections, which are closed after they
 * were idle for 30 s. Without a server, the function fails after 5 s. After an error, it may be called again.
 * @throws error with a {@link ConnectionErrorCode} as its `code`, the driver's error as its `cause`, and a message that says
 *   what is wrong, where, and how to fix it, without user and password; with code `USAGE` when MONGODB_URL is missing or
 *   invalid, `CONNECTED_ELSEWHERE` when this process is already connected with other options.
 * @category Connecting
 */
export function connect(options?: ConnectOptions): Promise<Db> {
  return shared.connect(options);
}

/**
 * Returns the database that this process is connected to.
 * @throws error with code `NOT_CONNECTED` before `connect()` has resolved, and after `close()` was called.
 * @category Connecting
 */
export function db(): Db {
  return shared.db();
}

/**
 * Closes the connection. Running operations may finish first, but those that take longer than `patience` are aborted. A cursor from which
 * no batch is being read at the moment does not count as running, and is closed. Without a connection, and when called again, the function
 * does nothing.
 * @param options how to close
 * @category Connecting
 */
export function close(options?: CloseOptions): Promise<void> {
  return shared.close(options);
}

/**
 * Every collection of the product, with the type of its model.
 * @category Connecting
 */
export type Collections = { readonly [Name in CollectionName]: TypedCollection<StoredDocument<Name>> };

/**
 * Returns the collections of a database by name: `collections(db).users` is a `TypedCollection<User>`. It adds only types, and sends
 * nothing to the server. Types do not check documents at run time: the validators on the server do, or `models` before documents are sent.
 * @category Connecting
 */
export function collections(db: Db): Collections {
  return collectionsOf<{ [Name in CollectionName]: StoredDocument<Name> }>(db, Object.keys(models) as CollectionName[]);
}

/**
 * Checks the health of a database now.
 * @returns the result, even when no server answers
 * @throws error when the folder of the migrations cannot be read
 * @category Health
 */
export function checkHealth(db: Db, options?: Omit<HealthOptions, 'maxAge'>): Promise<Health> {
  return lookNow(db, withOwn(options));
}

/**
 * Returns health checks for node:http (`createServer(healthHandler(db))`) and Express (`app.use(healthHandler(db))`).
 * @throws error when the folder of the migrations cannot be read.
 * @category Health
 */
export function healthHandler(db: Db, options?: HealthOptions): HealthHandler {
  return handlerFor(db, withOwn(options));
}

/**
 * Returns health checks for Fastify: `app.register(healthPlugin(db))`.
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
