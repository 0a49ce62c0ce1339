import { MongoClient, type MongoClientOptions } from 'mongodb';
import { watchProcesses } from './lost-writes';
import type { MongoUrl } from '../support/mongo-url';

/** How migrations connect: majority in both directions, the primary, and no socket time limit (an index build is long). */
export const clientOptions = {
  appName: 'schema-migrations',
  writeConcern: { w: 'majority' },
  readConcern: { level: 'majority' },
  readPreference: 'primary',
  serverSelectionTimeoutMS: 5_000,
  connectTimeoutMS: 10_000,
} as const;

/** A client for migrations. A limit that the connection string sets is left to it, where the driver would prefer ours. */
export function newClient(url: MongoUrl, own: MongoClientOptions = {}): MongoClient {
  const ours = Object.entries(clientOptions).filter(
    ([name]) => !(name.endsWith('MS') && url.option(name) !== undefined),
  );
  const client = new MongoClient(url.withoutOverridden().reveal(), { ...Object.fromEntries(ours), ...own });
  watchProcesses(client);
  return client;
}

/** How long a server is looked for, in milliseconds. */
export function selectionTimeout(url: MongoUrl): number {
  const asked = Number(url.option('serverSelectionTimeoutMS'));
  return Number.isFinite(asked) && asked > 0 ? asked : clientOptions.serverSelectionTimeoutMS;
}

/** How long the answer to one read is waited for, in milliseconds: longer than any look at the data may take. */
const readsWithin = 45_000;
const answersAfter = 15_000;

/** For a client that only reads: what is asked there ends. `longest` is how long the server may take for a query. */
export function readingOptions(url: MongoUrl, longest = 0): MongoClientOptions {
  const asked = Number(url.option('socketTimeoutMS'));
  const socketTimeoutMS = asked > 0 ? asked : Math.max(readsWithin, longest + answersAfter);
  return { socketTimeoutMS, monitorCommands: true };
}

/** Each step of an exchange for the bookkeeping takes a sixth of the lease at most, whatever hangs: then it is tried again. */
const stepsPerLease = 6;

/** For the client of the bookkeeping. Its caller tries again, and knows when to stop; the driver's own tries would outlast the lease. */
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
