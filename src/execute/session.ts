import { setTimeout as sleep } from 'node:timers/promises';
import {
  MongoServerError,
  type Binary,
  type ClientSession,
  type Db,
  type Document,
  type ErrorDescription,
} from 'mongodb';
import { majority, type Progress } from '../database';
import type { RecordedWork } from '../history';
import type { Change } from '../schema';
import { maxTimeExpired } from '../database/server-errors';
import { SchemaError } from '../support/schema-error';

/** Called with the progress of a data step or an index build: the finished number and the total, in documents or in `unit`. */
export type OnProgress = (what: string, done: number, total: number, unit?: string) => void;

/** The only way to write to the database during a run. */
export interface Session {
  readonly db: Db;
  /**
   * The UUIDs of the collections that were read, by name. A command on such a collection contains the UUID, so that a command which arrives
   * late does nothing to another collection of that name.
   */
  readonly uuids?: Map<string, Binary> | undefined;
  /** Changes that a reply of the server has proven to be in place. */
  readonly proven?: Set<Change> | undefined;
  /** The same database through the bookkeeping client, for checkpoints. The default is `db`. */
  readonly bookkeeping?: Db | undefined;
  /** Aborted, with the final error of the run, when the run must end even if commands are running. */
  readonly ending?: AbortSignal | undefined;
  /** Returns the progress so far. A run that makes progress may keep retrying. */
  readonly progress?: (() => Progress) | undefined;
  /** Awaited before a command is retried. This function throws when the command has crashed the server twice. */
  readonly beforeRetry?: (() => Promise<void>) | undefined;
  readonly isReplicaSet: boolean;
  /** The token of the run's lease. The default is 0. */
  readonly token?: number;
  /** Resolves if this run may still write, and throws otherwise. Called right before every write. */
  readonly guard: () => Promise<void>;
  /**
   * Like `guard`, but also resolves after the run was told to stop: a collection that is closed for writes is dropped or opened before the
   * run ends. The default is `guard`.
   */
  readonly guardToTheEnd?: () => Promise<void>;
  /** How long a command waits for exclusive access to a collection, in milliseconds. */
  readonly ddlWait: number;
  /** Whether this run may drop collections that hold documents. */
  readonly allowDataLoss: boolean;
  /** Called when a command has been running for a long time, with the name of the command and advice on how to unblock it. */
  readonly onSlow?: (message: string) => void;
  readonly onProgress?: OnProgress | undefined;
  /** Called with information that needs no action. */
  readonly onNote?: (message: string) => void;
  /** Called with the time that a piece of long work took, once the work is done. */
  readonly onWork?: (work: RecordedWork) => void;
}

/** Commands that wait for a lock. Operations of the application wait behind these commands, so each command gets a time limit. */
const bounded = new Set(['collMod', 'drop', 'dropIndexes', 'renameCollection']);
const retriesWhenBlocked = 4;

/**
 * Sends a command that changes the schema. This function checks the lease first, waits for a majority, and retries while something holds a
 * lock.
 */
export function send(session: Session, command: Document): Promise<Document> {
  return sendGuarded(session, { ...command, writeConcern: majority });
}

/** Waits, like `send`, until the collection is not locked. The command changes nothing, so it need not reach a majority. */
export async function probe(session: Session, collection: string): Promise<void> {
  await sendGuarded(session, { collMod: collection, writeConcern: { w: 1 } });
}

/** Commands that accept the UUID of their collection. */
const fenced = new Set(['aggregate', 'collMod', 'createIndexes', 'delete', 'drop', 'dropIndexes', 'insert', 'update']);
const otherCollection = 361;

/** @see https://www.mongodb.com/docs/v7.0/reference/command/collMod/ */
function withUuid({ uuids }: Pick<Session, 'uuids'>, command: Document): Document {
  const [name = '', target] = Object.entries(command)[0] ?? [];
  const collectionUUID = fenced.has(name) ? uuids?.get(String(target)) : undefined;
  return collectionUUID ? { ...command, collectionUUID } : command;
}

/** Renames a collection within this database. The new name must be free. Resolves when a majority has the new name. */
export async function rename(session: Session, from: string, to: string): Promise<void> {
  const { db, uuids } = session;
  const collectionUUID = uuids?.get(from);
  await sendGuarded(session, {
    renameCollection: `${db.databaseName}.${from}`,
    to: `${db.databaseName}.${to}`,
    ...(collectionUUID && { collectionUUID }),
    writeConcern: majority,
  });
  uuids?.delete(from);
  if (collectionUUID) uuids?.set(to, collectionUUID);
}

/**
 * Sends an `insert`, `update` or `delete`. This function checks the lease first, and waits for a majority.
 * @throws MongoServerError for the first document that the server refuses.
 */
export async function write(
  session: Pick<Session, 'db' | 'guard' | 'uuids' | 'ending'>,
  command: Document,
): Promise<Document> {
  await session.guard();
  const signal = session.ending;
  const reply = await session.db.command(withUuid(session, { ...command, writeConcern: majority }), { signal });
  return refuseWriteErrors(session, reply);
}

/** Sends the same commands as `write`, within a transaction. The commit waits for a majority. */
export async function writeWithin(
  transaction: ClientSession,
  session: Pick<Session, 'db' | 'guard' | 'uuids' | 'ending'>,
  command: Document,
): Promise<Document> {
  await session.guard();
  const options = { signal: session.ending, session: transaction };
  return refuseWriteErrors(session, await session.db.command(withUuid(session, command), options));
}

function refuseWriteErrors(session: Pick<Session, 'guard'>, reply: Document): Document | Promise<never> {
  const [refused] = (reply['writeErrors'] ?? []) as ErrorDescription[];
  const error = refused ?? (reply['writeConcernError'] as ErrorDescription | undefined);
  return error ? explainOther(session, new MongoServerError(error)) : reply;
}

/**
 * @throws error with code `DRIFT` when the name now belongs to another collection, or with code `LOCKED` when this run has lost its lease
 * and the next run replaced the collection; otherwise the same error.
 */
async function explainOther({ guard }: Pick<Session, 'guard'>, error: unknown): Promise<never> {
  if (!(error instanceof MongoServerError) || error.code !== otherCollection) throw error;
  await guard();
  const { expectedCollection } = error.errorResponse;
  throw new SchemaError('DRIFT', `The collection ${String(expectedCollection)} is not the same one as before`, {
    why: 'someone dropped, renamed or recreated it during this run; the command changed nothing',
    fix: 'run again',
    cause: error,
  });
}

async function sendGuarded(session: Session, unfenced: Document): Promise<Document> {
  const command = withUuid(session, unfenced);
  const name = Object.keys(command)[0] ?? '';
  const db = name === 'renameCollection' ? session.db.client.db('admin') : session.db;
  const limit = bounded.has(name) ? { maxTimeMS: Math.max(1, Math.ceil(session.ddlWait)) } : {};
  for (let attempt = 1; ; attempt++) {
    await session.guard();
    try {
      return await watched(session, name, db.command({ ...command, ...limit }, { signal: session.ending }));
    } catch (error) {
      const blocked = error instanceof MongoServerError && error.code === maxTimeExpired && bounded.has(name);
      if (!blocked) return explainOther(session, error);
      if (attempt > retriesWhenBlocked) throw blockedError(name, session.ddlWait, attempt, error);
      await backOff(session, session.ddlWait * attempt);
    }
  }
}

/** Pauses, so that the application can catch up. Throws if this run may no longer continue. */
async function backOff(session: Session, milliseconds: number): Promise<void> {
  const end = performance.now() + milliseconds;
  for (let left = milliseconds; left > 0; left = end - performance.now()) {
    await session.guard();
    await sleep(Math.min(left, 250));
  }
}

const slowAfter = 30_000;

/** Reports every half minute that a command is still running. */
async function watched<T>(session: Session, name: string, running: Promise<T>): Promise<T> {
  const started = performance.now();
  const advice =
    name === 'createIndexes'
      ? 'The command may be waiting for a member that is down: db.adminCommand({ setIndexCommitQuorum: COLLECTION, indexNames: [NAMES], commitQuorum: 1 }) ends this wait.'
      : 'Find the operation that holds a lock with db.currentOp({ active: true, transaction: { $exists: true } }).';
  const timer = setInterval(() => {
    const seconds = Math.round((performance.now() - started) / 1000);
    session.onSlow?.(`${name} has been running for ${seconds} s. ${advice}`);
  }, slowAfter);
  return running.finally(() => {
    clearInterval(timer);
  });
}

function blockedError(command: string, wait: number, attempts: number, cause: Error): SchemaError {
  return new SchemaError(
    'BLOCKED',
    `${command} waited ${attempts} times ${wait} ms for a lock that something else holds`,
    {
      fix: 'find the long transaction with db.currentOp({ active: true, transaction: { $exists: true } }), end it, and run again',
      cause,
    },
  );
}
