import { randomBytes } from 'node:crypto';
import { MongoClient, type Db, type MongoClientOptions } from 'mongodb';
import { afterAll, beforeAll, inject } from 'vitest';

/** A separate database on the test server, with its client. */
export interface TestDatabase {
  readonly client: MongoClient;
  readonly db: Db;
  readonly name: string;
  readonly url: string;
}

/** `test_` and 16 hex digits: unique among runs on one server, and short enough to be part of longer names. */
export function uniqueName(prefix = 'test'): string {
  return `${prefix.slice(0, 23)}_${randomBytes(8).toString('hex')}`;
}

/** Runs `work` with a new database, which is always dropped afterwards. */
export async function withDatabase<T>(
  work: (database: TestDatabase) => Promise<T>,
  options: MongoClientOptions = {},
): Promise<T> {
  const database = await openDatabase(options);
  try {
    return await work(database);
  } finally {
    await closeDatabase(database);
  }
}

/**
 * Returns one database for all tests of a file (or of the `describe` that calls this). Use the result only inside hooks and
 * tests, because the database does not exist before.
 */
export function useDatabase(options: MongoClientOptions = {}): TestDatabase {
  let database: TestDatabase | undefined;
  const opened = (): TestDatabase => {
    if (database === undefined) throw new Error('the database exists only inside hooks and tests');
    return database;
  };
  beforeAll(async () => {
    database = await openDatabase(options);
  });
  afterAll(async () => {
    if (database !== undefined) await closeDatabase(database);
  });
  return {
    get client() {
      return opened().client;
    },
    get db() {
      return opened().db;
    },
    get name() {
      return opened().name;
    },
    get url() {
      return opened().url;
    },
  };
}

async function openDatabase(options: MongoClientOptions): Promise<TestDatabase> {
  const { url } = inject('mongodb');
  const client = await new MongoClient(url, options).connect();
  const name = uniqueName();
  return { client, db: client.db(name), name, url };
}

async function closeDatabase({ client, db }: TestDatabase): Promise<void> {
  try {
    await db.dropDatabase();
  } finally {
    await client.close();
  }
}
