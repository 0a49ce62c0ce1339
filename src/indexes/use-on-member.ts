import type { AggregateOptions, Db } from 'mongodb';
import { readServerStatus, type TtlWork } from '../database';
import { isUnauthorized } from '../database/server-errors';
import { SchemaError } from '../support/schema-error';

/** How often queries have used an index on one server, and when that server began to count. */
export interface IndexAccess {
  readonly collection: string;
  readonly name: string;
  readonly ops: number;
  readonly since: Date;
  /** Whether the index is being built on this server. */
  readonly isBuilding: boolean;
}

/** The index statistics of one server. */
export interface MemberUse {
  /** The server's time. */
  readonly now: Date;
  readonly accesses: readonly IndexAccess[];
  /** How many documents the TTL indexes of all databases have deleted since the server started; undefined if this user may not read it. */
  readonly ttl?: TtlWork;
}

/**
 * Asks a server how its indexes are used.
 * @throws error with code `NOT_ALLOWED` that names the role to grant
 */
export async function useOnMember(db: Db, collections: readonly string[]): Promise<MemberUse> {
  const { localTime } = await db.admin().command({ hello: 1 });
  const accesses = await Promise.all(collections.map((collection) => accessesOf(db, collection)));
  const ttl = await ttlOf(db);
  return { now: localTime as Date, accesses: accesses.flat(), ...(ttl && { ttl }) };
}

/** Returns the statistics of each index of a collection. `options` set the time limit and the member to ask. */
export async function accessesOf(db: Db, collection: string, options: AggregateOptions = {}): Promise<IndexAccess[]> {
  const found = await db
    .collection(collection)
    .aggregate([{ $indexStats: {} }], { ...options, readConcern: { level: 'local' } })
    .toArray()
    .catch((error: unknown) => {
      throw isUnauthorized(error) ? notAllowed(`${db.databaseName}.${collection}`, error) : error;
    });
  return found.map(({ name, accesses, building }) => {
    const { ops, since } = accesses as { readonly ops: unknown; readonly since: Date };
    return { collection, name: String(name), ops: Number(ops), since, isBuilding: building === true };
  });
}

function notAllowed(place: string, cause: unknown): SchemaError {
  return new SchemaError('NOT_ALLOWED', 'Cannot read how the indexes are used', {
    why: `this user lacks the privilege indexStats on ${place}`,
    fix: 'grant this user the role clusterMonitor on admin, which the user `monitor` of docker/mongo-init.js has; or indexStats on each collection',
    cause,
  });
}

async function ttlOf(db: Db): Promise<TtlWork | undefined> {
  try {
    return (await readServerStatus(db)).ttl;
  } catch (error) {
    if (isUnauthorized(error)) return undefined;
    throw error;
  }
}
