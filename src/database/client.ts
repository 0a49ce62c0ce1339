import { MongoClient, type MongoClientOptions } from 'mongodb';
import { watchProcesses } from './lost-writes';
import type { MongoUrl } from '../support/mongo-url';

/**
 * The options of all connections for migrations: majority read and write concern, reads from the primary, and no socket time limit, because
 * an index build takes long.
 */
export const clientOptions = {
  appName: 'schema-migrations',
  writeConcern: { w: 'majority' },
  readConcern: { level: 'majority' },
  readPreference: 'primary',
  serverSelectionTimeoutMS: 5_000,
  connectTimeoutMS: 10_000,
} as const;

/** Returns a client for migrations. Time limits in the connection string take precedence, although the driver would prefer the options. */
export function newClient(url: MongoUrl, own: MongoClientOptions = {}): MongoClient {
  const ours = Object.entries(clientOptions).filter(
    ([name]) => !(name.endsWith('MS') && url.option(name) !== undefined),
  );
  const client = new MongoClient(url.withoutOverridden().reveal(), { ...Object.fromEntries(ours), ...own });
  watchProcesses(client);
  return client;
}

/** Returns how long the client searches for a server, in milliseconds. */
export function selectionTimeout(url: MongoUrl): number {
  const asked = Number(url.option('serverSelectionTimeoutMS'));
  return Number.isFinite(asked) && asked > 0 ? asked : clientOptions.serverSelectionTimeoutMS;
}

/** How long to wait for the answer to one read, in milliseconds. Every check of the data has a shorter time limit. */
const readsWithin = 45_000;
const answersAfter = 15_000;

/**
 * Returns options for a client that only reads. A socket time limit makes every read end. `longest` is the server's longest time limit for
 * a query, in milliseconds.
 */
export function readingOptions(url: MongoUrl, longest = 0): MongoClientOptions {
  const asked = Number(url.option('socketTimeoutMS'));
  const socketTimeoutMS = asked > 0 ? asked : Math.max(readsWithin, longest + answersAfter);
  return { socketTimeoutMS, monitorCommands: true };
}

/** Each step of a bookkeeping request may take at most a sixth of the time that the lease lasts. After that, the request is retried. */
const stepsPerLease = 6;

/**
 * Returns options for the bookkeeping client. The callers of this client retry requests themselves, and know when to stop. The driver's own
 * retries would last longer than the lease.
 */
export function bookkeepingOptions(leaseSeconds: number): MongoClientOptions {
  const limit = Math.floor((leaseSeconds * 1000) / stepsPerLease);
  return {
    retryWrites: false,
    retryReads: false,
    socketTimeoutMS: limit,
    connectTimeoutMS: limit,
    serverSelectionTimeoutMS: limit,
    maxPoolSize: 10,
    monitorCommands: true,
  };
}
