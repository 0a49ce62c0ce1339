import { MongoServerError, type Db, type Document } from 'mongodb';
import { majority } from '../../history';

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
  /** Told when a command has been running for long: what it is, and how to free it. */
  readonly onSlow?: (message: string) => void;
}

/** Commands that wait for a lock make the application wait behind them, so each of these gets a time limit. */
const bounded = new Set(['collMod', 'drop', 'dropIndexes']);
const retriesWhenBlocked = 4;
const maxTimeExpired = 50;

/** Sends a command that changes the schema: guarded, acknowledged by a majority, retried while a lock is in its way. */
export function send(session: Session, command: Document): Promise<Document> {
  return sendGuarded(session, { ...command, writeConcern: majority });
}

/** Waits, as `send` does, until a collection can be had. It changes nothing, so there is nothing that others must have. */
export async function probe(session: Session, collection: string): Promise<void> {
  await sendGuarded(session, { collMod: collection, writeConcern: { w: 1 } });
}

async function sendGuarded(session: Session, command: Document): Promise<Document> {
  const name = Object.keys(command)[0] ?? '';
  const limit = bounded.has(name) ? { maxTimeMS: Math.max(1, Math.ceil(session.ddlWait)) } : {};
  for (let attempt = 1; ; attempt++) {
    await session.guard();
    try {
      return await watched(session, name, session.db.command({ ...command, ...limit }));
    } catch (error) {
      const blocked = error instanceof MongoServerError && error.code === maxTimeExpired && bounded.has(name);
      if (!blocked) throw error;
      if (attempt > retriesWhenBlocked) throw blockedError(name, session.ddlWait, attempt, error);
      await backOff(session, session.ddlWait * attempt);
    }
  }
}

/** Lets the application catch up, for as long as this run may still go on. */
async function backOff(session: Session, milliseconds: number): Promise<void> {
  const end = performance.now() + milliseconds;
  for (let left = milliseconds; left > 0; left = end - performance.now()) {
    await session.guard();
    await new Promise((resolve) => setTimeout(resolve, Math.min(left, 250)));
  }
}

const slowAfter = 30_000;

/** Says, after half a minute and then every half minute, that a command is still on its way. */
async function watched<T>(session: Session, name: string, running: Promise<T>): Promise<T> {
  const started = performance.now();
  const advice =
    name === 'createIndexes'
      ? 'It may wait for a member that is down: db.adminCommand({ setIndexCommitQuorum: COLLECTION, indexNames: [NAMES], commitQuorum: 1 }) frees it.'
      : 'Look for what holds a lock with db.currentOp({ active: true, transaction: { $exists: true } }).';
  const timer = setInterval(() => {
    const seconds = Math.round((performance.now() - started) / 1000);
    session.onSlow?.(`${name} has been running for ${seconds} s. ${advice}`);
  }, slowAfter);
  return running.finally(() => {
    clearInterval(timer);
  });
}

function blockedError(command: string, wait: number, attempts: number, cause: Error): Error {
  return new Error(
    `${command} waited ${attempts} times ${wait} ms for a lock that something else holds. Look for a long transaction ` +
      `with db.currentOp({ active: true, transaction: { $exists: true } }), end it, and run again.`,
    { cause },
  );
}

export interface ServerFacts {
  readonly isReplicaSet: boolean;
  /** `7.0.28`. */
  readonly version: string;
}

/**
 * What the server behind a database is.
 * @throws Error for a mongos, unless sharding was allowed: nothing here was tested on a sharded cluster.
 */
export async function inspectServer(db: Db, { allowSharded = false } = {}): Promise<ServerFacts> {
  const admin = db.admin();
  const [hello, { version }] = await Promise.all([admin.command({ hello: 1 }), admin.command({ buildInfo: 1 })]);
  if (hello['msg'] === 'isdbgrid' && !allowSharded) {
    throw new Error(
      'This is a mongos, and migrations are not tested on sharded clusters. Set SCHEMA_ALLOW_SHARDED=1 to go on all the same.',
    );
  }
  return { isReplicaSet: typeof hello['setName'] === 'string', version: String(version) };
}
