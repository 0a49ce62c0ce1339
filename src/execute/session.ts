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
import { maxTimeExpired } from '../database/server-errors';
import { SchemaError } from '../support/schema-error';

/** Told how far a data step or an index build has come, of how much. `unit` is what is counted: documents unless given. */
export type OnProgress = (what: string, done: number, total: number, unit?: string) => void;

/** The one way to write to the database during a run. */
export interface Session {
  readonly db: Db;
  /**
   * The UUIDs of the collections that were looked at, by name. A command on one of them names its UUID, so that one that
   * arrives late does nothing to another collection of that name.
   */
  readonly uuids?: Map<string, Binary> | undefined;
  /** The same database through the client of the bookkeeping, for checkpoints; `db` unless given. */
  readonly bookkeeping?: Db | undefined;
  /** Aborted, with the error that the run ends with, when it must end whatever is on its way. */
  readonly ending?: AbortSignal | undefined;
  /** The progress so far: a run that makes progress may keep retrying. */
  readonly progress?: (() => Progress) | undefined;
  /** Awaited before a command is tried again: it throws when the server died of it twice. */
  readonly beforeRetry?: (() => Promise<void>) | undefined;
  readonly isReplicaSet: boolean;
  /** The token of the lease that the run holds; 0 unless given. */
  readonly token?: number;
  /** Resolves while this run may write; called right before every write. */
  readonly guard: () => Promise<void>;
  /**
   * The same once the run was told to stop: a collection that is closed already is dropped, or opened, before the run ends.
   * The same as `guard` unless given.
   */
  readonly guardToTheEnd?: () => Promise<void>;
  /** How long a command that needs a collection for itself waits for it, in milliseconds. */
  readonly ddlWait: number;
  /** Whether this run may drop collections that hold documents. */
  readonly allowDataLoss: boolean;
  /** Told when a command has been running for long: what it is, and how to free it. */
  readonly onSlow?: (message: string) => void;
  readonly onProgress?: OnProgress | undefined;
  /** Told what is worth knowing, and no cause for worry. */
  readonly onNote?: (message: string) => void;
  /** Told what a piece of long work took, once it is done. */
  readonly onWork?: (work: RecordedWork) => void;
}

/** Commands that wait for a lock make the application wait behind them, so each of these gets a time limit. */
const bounded = new Set(['collMod', 'drop', 'dropIndexes', 'renameCollection']);
const retriesWhenBlocked = 4;

/** Sends a command that changes the schema: guarded, acknowledged by a majority, retried while a lock is in its way. */
export function send(session: Session, command: Document): Promise<Document> {
  return sendGuarded(session, { ...command, writeConcern: majority });
}

/** Waits, as `send` does, until a collection can be had. It changes nothing, so there is nothing that others must have. */
export async function probe(session: Session, collection: string): Promise<void> {
  await sendGuarded(session, { collMod: collection, writeConcern: { w: 1 } });
}

/** Commands that take the UUID of the collection that they are meant for. */
const fenced = new Set(['aggregate', 'collMod', 'createIndexes', 'delete', 'drop', 'dropIndexes', 'insert', 'update']);
const otherCollection = 361;

/** @see https://www.mongodb.com/docs/v7.0/reference/command/collMod/ */
function withUuid({ uuids }: Pick<Session, 'uuids'>, command: Document): Document {
  const [name = '', target] = Object.entries(command)[0] ?? [];
  const collectionUUID = fenced.has(name) ? uuids?.get(String(target)) : undefined;
  return collectionUUID ? { ...command, collectionUUID } : command;
}

/** Gives a collection of this database another name, which nothing may have. Resolves when a majority knows. */
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
 * Sends an `insert`, `update` or `delete`: guarded, acknowledged by a majority.
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

/** The same within a transaction, which is what a majority acknowledges. */
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
 * @throws error with code `DRIFT` for a command that was meant for another collection of that name, or `LOCKED` when that
 * is the work of the next run; else the same error.
 */
async function explainOther({ guard }: Pick<Session, 'guard'>, error: unknown): Promise<never> {
  if (!(error instanceof MongoServerError) || error.code !== otherCollection) throw error;
  await guard();
  const { expectedCollection } = error.errorResponse;
  throw new SchemaError('DRIFT', `The collection ${String(expectedCollection)} is another one than was looked at`, {
    why: 'somebody dropped or renamed it, or made it anew, while this run was going on; the command changed nothing',
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

/** Lets the application catch up, for as long as this run may still go on. */
async function backOff(session: Session, milliseconds: number): Promise<void> {
  const end = performance.now() + milliseconds;
  for (let left = milliseconds; left > 0; left = end - performance.now()) {
    await session.guard();
    await sleep(Math.min(left, 250));
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
