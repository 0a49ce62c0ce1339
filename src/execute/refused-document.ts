import { MongoServerError, type Db, type Document, type Filter } from 'mongodb';
import { isTransient } from '../database/retry';
import { explainServerError } from '../database/server-errors';
import { documentKey } from '../schema';
import type { StepUpdate } from '../migration/types';
import { bytesOf, exactField } from '../support/exact-bson';

/** Error codes that concern the whole command, not the result of an update on one document. */
const aboutCommand: ReadonlySet<unknown> = new Set([
  13, // Unauthorized
  24, // LockTimeout
  26, // NamespaceNotFound
  50, // MaxTimeMSExpired
  64, // WriteConcernFailed
  112, // WriteConflict
  133, // FailedToSatisfyReadPreference
  246, // SnapshotUnavailable
  251, // NoSuchTransaction
  263, // OperationNotSupportedInTransaction
  361, // CollectionUUIDMismatch
  11601, // Interrupted
]);

/** Returns whether an error may concern a single document of an update. */
export function isAboutDocument(error: unknown): error is MongoServerError {
  return (
    error instanceof MongoServerError &&
    !isTransient(error) &&
    !aboutCommand.has(error.code) &&
    !error.hasErrorLabel('TransientTransactionError')
  );
}

/** A document for which a command ends with an error. */
export interface RefusedDocument {
  /** Its `_id`, as text. */
  readonly id: string;
  readonly error: MongoServerError;
}

/**
 * Returns an error for the terminal that names the document, and the index or the rule of the validator. The history stores neither
 * the `_id` nor a value.
 */
export function refusedError(collection: string, { id, error }: RefusedDocument): Error {
  const index = /index: (\S+) dup key/.exec(error.message)?.[1];
  const explained = explainServerError(error, `update a document of ${collection}`, {
    places: [`the document with _id ${id} of ${collection}`],
    about: { kind: index === undefined ? 'collection' : 'index', collection, ...(index !== undefined && { index }) },
  });
  return explained instanceof Error ? explained : error;
}

/**
 * Applies an update to halves of the matching documents until it finds the document that the server refuses. Resolves to an error that
 * names this document, or to undefined when the server does not refuse any document any more, so that all documents are updated.
 */
export async function findRefused(
  db: Db,
  { collection, filter }: StepUpdate,
  apply: (some: Filter<Document>) => Promise<unknown>,
): Promise<Error | undefined> {
  const options = { projection: { _id: 1 }, readPreference: 'primary', raw: true } as const;
  const found = await db.collection(collection).find(filter, options).sort({ _id: 1 }).toArray();
  const refused = await firstRefused(found.map(bytesOf), (some) => apply({ $and: [filter, amongIds(some)] }));
  return refused && refusedError(collection, refused);
}

/**
 * Returns a filter for these documents. The filter leaves out documents whose `_id` the driver cannot send with exactly the stored bytes; a
 * later walk visits such documents.
 */
export function amongIds(documents: readonly Uint8Array[]): Filter<Document> {
  const ids = documents.flatMap((raw) => exactField(raw, '_id') ?? []).map(({ value }) => value);
  return { _id: { $in: ids } } as Filter<Document>;
}

/**
 * Runs a command on halves of some documents until it finds the first document that causes an error. Resolves to undefined when no document
 * causes an error.
 */
export async function firstRefused(
  documents: readonly Uint8Array[],
  apply: (some: readonly Uint8Array[]) => Promise<unknown>,
): Promise<RefusedDocument | undefined> {
  const [first] = documents;
  if (!first) return undefined;
  try {
    await apply(documents);
    return undefined;
  } catch (error) {
    if (!isAboutDocument(error)) throw error;
    if (documents.length === 1) return { id: documentKey(exactField(first, '_id')?.value), error };
  }
  const middle = Math.ceil(documents.length / 2);
  return (
    (await firstRefused(documents.slice(0, middle), apply)) ?? (await firstRefused(documents.slice(middle), apply))
  );
}
