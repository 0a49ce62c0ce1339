import { MongoServerError, type Db, type Document } from 'mongodb';

/** How long a write waits for a majority of the members (milliseconds) before it counts as failed. */
const majorityTimeout = 30_000;
export const majority = { w: 'majority', wtimeout: majorityTimeout } as const;

/** The one way to write to the database during a run. */
export interface Session {
  readonly db: Db;
  readonly isReplicaSet: boolean;
  /** Resolves while this run may write; called right before every write. */
  readonly guard: () => Promise<void>;
  /** How long a command that needs a collection for itself waits for it, in milliseconds. */
  readonly ddlWait: number;
  /** Whether this run may drop collections that hold documents. */
  readonly allowDataLoss: boolean;
}

/** Commands that wait for a lock make the application wait behind them, so each of these gets a time limit. */
const bounded = new Set(['collMod', 'drop', 'dropIndexes']);
const retriesWhenBlocked = 4;
const maxTimeExpired = 50;

/** Sends a command that changes the schema: guarded, acknowledged by a majority, retried while a lock is in its way. */
export async function send(session: Session, command: Document): Promise<Document> {
  const name = Object.keys(command)[0] ?? '';
  const limit = bounded.has(name) ? { maxTimeMS: session.ddlWait } : {};
  for (let attempt = 1; ; attempt++) {
    await session.guard();
    try {
      return await session.db.command({ ...command, ...limit, writeConcern: majority });
    } catch (error) {
      const blocked = error instanceof MongoServerError && error.code === maxTimeExpired && bounded.has(name);
      if (!blocked) throw error;
      if (attempt > retriesWhenBlocked) throw blockedError(name, session.ddlWait, attempt, error);
      await new Promise((resolve) => setTimeout(resolve, session.ddlWait * attempt));
    }
  }
}

function blockedError(command: string, wait: number, attempts: number, cause: Error): Error {
  return new Error(
    `${command} waited ${attempts} times ${wait} ms for a lock that something else holds. Look for a long transaction ` +
      `with db.currentOp({ active: true, transaction: { $exists: true } }), end it, and run again.`,
    { cause },
  );
}

/**
 * What the server behind a database is.
 * @throws Error for a mongos, unless sharding was allowed: nothing here was tested on a sharded cluster.
 */
export async function inspectServer(db: Db, { allowSharded = false } = {}): Promise<{ isReplicaSet: boolean }> {
  const hello = await db.admin().command({ hello: 1 });
  if (hello['msg'] === 'isdbgrid' && !allowSharded) {
    throw new Error(
      'This is a mongos, and migrations are not tested on sharded clusters. Set SCHEMA_ALLOW_SHARDED=1 to go on all the same.',
    );
  }
  return { isReplicaSet: typeof hello['setName'] === 'string' };
}
