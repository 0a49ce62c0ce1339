import { MongoClient, type Db } from 'mongodb';
import { clientOptions, readConfig, withoutOverridden } from '../config';
import { resolveServer } from '../server';
import { progress } from './output';

/** The database that a verb works on, and how it was found. */
export interface Target {
  readonly db: Db;
  readonly client: MongoClient;
  /** `embedded mongod (PATH)`: never the connection string. */
  readonly how: string;
  /** Of the server, as it tells itself: `7.0.28`. */
  readonly version: string;
  readonly allowSharded: boolean;
}

/**
 * Opens the database that the environment names (or the embedded one), and closes it after the work.
 * @throws Error with code `USAGE` when MONGODB_URL is not set and `embedded` is not asked for.
 */
export async function withTarget<T>(options: { embedded?: boolean }, work: (target: Target) => Promise<T>): Promise<T> {
  const { url: configured, database, allowSharded } = readConfig();
  const server = await resolveServer({ url: configured, embedded: options.embedded });
  try {
    const { url, dropped } = withoutOverridden(server.url);
    if (dropped.length > 0) {
      progress(
        `notice: ${dropped.join(', ')} in MONGODB_URL is not used: migrations read from the primary, wait for a majority, and for long builds.`,
      );
    }
    const client = await new MongoClient(url, clientOptions).connect();
    try {
      return await work({ db: client.db(database), client, how: server.how, version: server.version, allowSharded });
    } finally {
      await client.close();
    }
  } finally {
    await server.stop();
  }
}
