import { setTimeout as sleep } from 'node:timers/promises';
import { MongoClient, MongoServerError, type Db, type Document } from 'mongodb';
import { reasonOf } from '../support/schema-error';

/** The name of every replica set that this tool creates. */
export const REPLICA_SET = 'rs0';

const LOCAL = '127.0.0.1';
const PRIMARY_TIMEOUT = 60_000;
/** The error codes of replSetGetConfig on a server without a configuration, or with a configuration that does not contain this server. */
const NOT_YET_INITIALIZED = 94;
const INVALID_CONFIG = 93;

export function directUrl(port: number): string {
  return `mongodb://${LOCAL}:${port}/?directConnection=true`;
}

/** Runs `work` on the admin database of the server that listens on `port`. */
export async function withAdmin<T>(port: number, work: (admin: Db) => Promise<T>): Promise<T> {
  const client = new MongoClient(directUrl(port), { serverSelectionTimeoutMS: 10_000 });
  try {
    return await work(client.db('admin'));
  } finally {
    await client.close();
  }
}

/**
 * Combines the servers on `ports` into one writable replica set. If the set is new, this function initiates it. If the set was initiated
 * with other ports, this function changes the hosts by force: after a shutdown, no majority of members is there to agree to a new
 * configuration.
 */
export async function ensureReplicaSet(ports: readonly [number, ...number[]]): Promise<void> {
  await withAdmin(ports[0], async (admin) => {
    const members = ports.map((port, id) => ({ _id: id, host: `${LOCAL}:${port}` }));
    const config = await currentConfig(admin);
    if (config === undefined) {
      await admin.command({ replSetInitiate: { _id: REPLICA_SET, members } });
    } else if (hosts(config) !== hosts({ members })) {
      const version = Number(config['version']) + 1;
      await admin.command({ replSetReconfig: { ...config, version, members }, force: true });
    }
    await waitForPrimary(admin, { standForElection: ports.length > 1 });
  });
  await Promise.all(ports.slice(1).map((port) => withAdmin(port, waitForSecondary)));
}

async function currentConfig(admin: Db): Promise<Document | undefined> {
  try {
    const reply = await admin.command({ replSetGetConfig: 1 });
    return reply['config'] as Document;
  } catch (error) {
    if (error instanceof MongoServerError && (error.code === NOT_YET_INITIALIZED || error.code === INVALID_CONFIG)) {
      return undefined;
    }
    throw error;
  }
}

function hosts(config: Document): string {
  return (config['members'] as { host: string }[]).map((member) => member.host).join();
}

/**
 * Waits for a primary, and asks the server often, to lose no time. A new set of several members would wait ten seconds before an election,
 * so with `standForElection` this server is told to become the primary.
 */
async function waitForPrimary(admin: Db, { standForElection }: { standForElection: boolean }): Promise<void> {
  await until(async () => {
    const { isWritablePrimary, secondary } = await admin.command({ hello: 1 });
    if (standForElection && secondary === true) await admin.command({ replSetStepUp: 1 });
    return isWritablePrimary === true;
  });
}

async function waitForSecondary(admin: Db): Promise<void> {
  await until(async () => (await admin.command({ hello: 1 }))['secondary'] === true);
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + PRIMARY_TIMEOUT;
  let last = '';
  while (Date.now() < end) {
    try {
      if (await holds()) return;
    } catch (error) {
      last = `: ${reasonOf(error)}`;
    }
    await sleep(25);
  }
  throw new Error(`the replica set has no writable primary after ${PRIMARY_TIMEOUT / 1000} s${last}`);
}

/** Asks the server on `port` to shut down cleanly. The server closes the connection instead of answering. */
export async function requestShutdown(port: number): Promise<void> {
  await withAdmin(port, (admin) => admin.command({ shutdown: 1, force: true, timeoutSecs: 0 })).catch(
    (error: unknown) => {
      if (error instanceof MongoServerError) throw error;
    },
  );
}
