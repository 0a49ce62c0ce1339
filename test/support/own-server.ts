import { MongoClient, type Db, type Document } from 'mongodb';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { startEmbedded, type RunningServer } from '../../src/server';
import { uniqueName } from './database';
import { TEST_ARGS } from './server';

/** A server for the tests of one file, for what would disturb others: fail points, the profiler, failovers. */
export interface OwnServer {
  readonly server: RunningServer;
  readonly client: MongoClient;
  /** A database of its own. */
  freshDatabase(): { readonly db: Db; readonly env: Readonly<Record<string, string>> };
  /** Switches a fail point on; it is off again after the test. */
  failPoint(name: string, data?: Document, mode?: string | Document): Promise<void>;
  /** Switches it off before that. */
  failPointOff(name: string): Promise<void>;
}

/** To be called in a file or in a `describe`; what it gives can be used inside hooks and tests. */
export function useOwnServer(members = 1): OwnServer {
  let server: RunningServer | undefined;
  let client: MongoClient | undefined;
  const failPoints = new Set<string>();
  const started = <T>(value: T | undefined): T => {
    if (value === undefined) throw new Error('the server runs only inside hooks and tests');
    return value;
  };
  const configure = async (name: string, mode: string | Document, data?: Document) => {
    const command = { configureFailPoint: name, mode, ...(data && { data }) };
    await started(client).db('admin').command(command);
  };
  beforeAll(async () => {
    server = await startEmbedded({ args: TEST_ARGS, members });
    client = await new MongoClient(server.url).connect();
  });
  afterEach(async () => {
    for (const name of failPoints) await configure(name, 'off');
    failPoints.clear();
  });
  afterAll(async () => {
    await client?.close();
    await server?.stop();
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
      failPoints.add(name);
      await configure(name, mode, data);
    },
    failPointOff: (name) => configure(name, 'off'),
  };
}
