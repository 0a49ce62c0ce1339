import { MongoClient, type Db, type Document } from 'mongodb';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { discardServer, startEmbedded, type RunningServer } from '../../src/mongod';
import { uniqueName } from './database';
import { startTwice, TEST_ARGS, testMongod } from './server';

/** A separate server for the tests of one file that would disturb others: fail points, the profiler, failovers. */
export interface OwnServer {
  readonly server: RunningServer;
  readonly client: MongoClient;
  /** A separate database. */
  freshDatabase(): { readonly db: Db; readonly env: Readonly<Record<string, string>> };
  /** Enables a fail point until the end of the test. */
  failPoint(name: string, data?: Document, mode?: string | Document): Promise<void>;
  /** Waits until a command has reached the fail point this many times since it was enabled. */
  failPointMet(name: string, times?: number): Promise<void>;
  /** Disables the fail point before the test ends. */
  failPointOff(name: string): Promise<void>;
}

/** Call it in a file or in a `describe`. Use the result inside hooks and tests. */
export function useOwnServer(members = 1): OwnServer {
  let server: RunningServer | undefined;
  let client: MongoClient | undefined;
  /** The enabled fail points, with how often they were reached before. */
  const failPoints = new Map<string, number>();
  const started = <T>(value: T | undefined): T => {
    if (value === undefined) throw new Error('the server runs only inside hooks and tests');
    return value;
  };
  const configure = async (name: string, mode: string | Document, data?: Document) => {
    const command = { configureFailPoint: name, mode, ...(data && { data }) };
    return started(client).db('admin').command(command);
  };
  beforeAll(async () => {
    const mongod = await testMongod();
    server = await startTwice(() => startEmbedded({ mongod, args: TEST_ARGS, members }));
    client = await new MongoClient(server.url).connect();
  });
  afterEach(async () => {
    for (const name of failPoints.keys()) await configure(name, 'off');
    failPoints.clear();
  });
  afterAll(async () => {
    await client?.close();
    if (server) await discardServer(server);
  });
  return {
    get server() {
      return started(server);
    },
    get client() {
      return started(client);
    },
    freshDatabase: () => {
      const name = uniqueName();
      const env = { MONGODB_URL: started(server).url, MONGODB_DATABASE: name };
      return { db: started(client).db(name), env };
    },
    failPoint: async (name, data, mode = 'alwaysOn') => {
      const { count } = await configure(name, mode, data);
      failPoints.set(name, count as number);
    },
    failPointMet: async (name, times = 1) => {
      const timesEntered = (failPoints.get(name) ?? 0) + times;
      await started(client).db('admin').command({ waitForFailPoint: name, timesEntered, maxTimeMS: 30_000 });
    },
    failPointOff: async (name) => {
      await configure(name, 'off');
    },
  };
}
