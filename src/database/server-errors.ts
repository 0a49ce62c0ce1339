import { MongoBulkWriteError, MongoServerError, type Document } from 'mongodb';
import { SchemaError, type ErrorSubject } from '../support/schema-error';
import { isTransient } from './retry';
import { commandOf } from './traffic';

/** The places and the subject of a command. */
export interface Affected {
  /** The places, which are shown with the reason, but not stored in the history. */
  readonly places?: readonly string[];
  readonly about?: ErrorSubject | undefined;
}

/**
 * Returns an error that adds two facts to an error of the server: what the tool was doing, and why a validator refused a document. Returns
 * errors that are not from the server unchanged.
 */
export function explainServerError(error: unknown, what: string, { places = [], about }: Affected = {}): unknown {
  if (!(error instanceof MongoServerError)) return error;
  const info = (error.errInfo ?? firstWriteErrorInfo(error)) as Document | undefined;
  const reasons = info ? [...validationReasons(info)] : [];
  const name = nameOfError(error);
  const privilege = missingPrivilege(error);
  // The server's message may contain document values, so it is not part of the summary, which the history stores.
  return new SchemaError(privilege === undefined ? 'SERVER' : 'NOT_ALLOWED', `Cannot ${what}: ${name}`, {
    why: [...places, privilege ?? error.message, ...reasons],
    fix: privilege === undefined ? (fixes.get(name) ?? anyFix) : grantFix,
    about,
    cause: error,
  });
}

/**
 * Names the command that caused an error, when a migration did not send the command itself. An error that may be retried is returned
 * unchanged.
 */
export function explainCommand(error: unknown): unknown {
  if (isTransient(error)) return error;
  const command = commandOf(error);
  return explainServerError(explainPrivilege(error), command === undefined ? 'go on' : `carry out ${command}`);
}

const runAgain = 'run again: finished work is skipped';
const grantFix = 'grant this privilege to the user of MONGODB_URL; docs/docker.md says which users the verbs need';
const anyFix = `correct the cause that the server names, and ${runAgain}`;
const changeMigration = 'change the migration: the server does not accept this';

/** How to fix an error, by the server's name for it. */
const fixes: ReadonlyMap<string, string> = new Map([
  ['DuplicateKey', 'remove or merge the documents that share the key, or exclude them in the migration'],
  ['DocumentValidationFailure', 'correct the document or the validator in an earlier migration'],
  ['BSONObjectTooLarge', 'make the document smaller: the server stores at most 16 MiB'],
  ['OutOfDiskSpace', `free disk space on the server, and ${runAgain}`],
  ['ExceededMemoryLimit', `give the server more memory, and ${runAgain}`],
  [
    'QueryExceededMemoryLimitNoDiskUseAllowed',
    `allow the server to use its disk (allowDiskUseByDefault), and ${runAgain}`,
  ],
  ['MaxTimeMSExpired', `${runAgain} when the server is less busy`],
  [
    'LockTimeout',
    `${runAgain} when the operation that holds the lock has ended; \`db.currentOp()\` in mongosh shows it`,
  ],
  ['BackgroundOperationInProgressForNamespace', `wait until the index build has ended, and ${runAgain}`],
  ['ConflictingOperationInProgress', `wait until the other operation has ended, and ${runAgain}`],
  ['IndexBuildAborted', `someone stopped the index build; ${runAgain}`],
  ['Interrupted', `someone stopped the operation; ${runAgain}`],
  ['NamespaceNotFound', `someone changed the database in the meantime; ${runAgain}`],
  ['NamespaceExists', `someone changed the database in the meantime; ${runAgain}`],
  ['IndexNotFound', `someone changed the database in the meantime; ${runAgain}`],
  ['CollectionUUIDMismatch', `someone replaced the collection in the meantime; ${runAgain}`],
  ['IndexOptionsConflict', '`schema drift` shows the conflicting index, and the command that drops it'],
  ['IndexKeySpecsConflict', '`schema drift` shows the conflicting index, and the command that drops it'],
  ['CannotCreateIndex', changeMigration],
  ['InvalidOptions', changeMigration],
  ['BadValue', changeMigration],
  ['FailedToParse', changeMigration],
  ['TypeMismatch', changeMigration],
]);

/** Returns the server's name for an error. Some errors have only a number. */
export function nameOfError({ codeName, code }: MongoServerError): string {
  return codeName ?? namesOfWriteErrors.get(code) ?? `code ${code ?? 'unknown'}`;
}

/** The names of errors in bulk writes, which the server reports without a name. */
const namesOfWriteErrors: ReadonlyMap<unknown, string> = new Map([
  [2, 'BadValue'],
  [14, 'TypeMismatch'],
  [28, 'PathNotViable'],
  [66, 'ImmutableField'],
  [121, 'DocumentValidationFailure'],
  [241, 'ConversionFailure'],
  [10334, 'BSONObjectTooLarge'],
  [11000, 'DuplicateKey'],
  [17419, 'BSONObjectTooLarge'],
]);

/** MongoDB's error code for a missing privilege. */
export const unauthorized = 13;

/** Returns whether the server refused something because the user lacks a privilege. */
export function isUnauthorized(error: unknown): boolean {
  return error instanceof MongoServerError && error.code === unauthorized;
}

/** MongoDB's error code for a command that took longer than its `maxTimeMS`. */
export const maxTimeExpired = 50;

/** The privilege that each of these commands needs. The privilege of any other command has the name of the command. */
const privileges: Readonly<Record<string, string>> = {
  create: 'createCollection',
  createIndexes: 'createIndex',
  drop: 'dropCollection',
  dropIndexes: 'dropIndex',
  delete: 'remove',
  aggregate: 'find',
};

/** The aggregation stages that need another privilege than find. */
const stagePrivileges: Readonly<Record<string, string>> = {
  $indexStats: 'indexStats',
  $collStats: 'collStats',
  $currentOp: 'inprog',
};

/**
 * Names the missing privilege and the place. The server's own message is not shown, because it repeats the whole command with its values.
 */
function missingPrivilege({ code, message }: MongoServerError): string | undefined {
  if (code !== unauthorized) return undefined;
  const [, database, command, collection] =
    /^not authorized on (\S+) to execute command \{ (\w+): "?([^",}]*)/.exec(message) ?? [];
  if (database === undefined || command === undefined) return 'this user lacks a privilege';
  const to = /, to: "([^"]*)"/.exec(message)?.[1];
  if (command === 'renameCollection' && collection && to) {
    return `this user may not rename ${collection} to ${to}: a rename needs find and dropCollection on ${collection}, insert and createIndex on ${to}`;
  }
  const place = collection ? `${database}.${collection.trim()}` : database;
  const stage = command === 'aggregate' ? /pipeline: \[ \{ (\$\w+)/.exec(message)?.[1] : undefined;
  const privilege = stagePrivileges[stage ?? ''] ?? privileges[command] ?? command;
  return `this user lacks the privilege ${privilege} on ${place}`;
}

/**
 * Returns an error that names the missing privilege, if the server refused a command because of a missing privilege; otherwise the same
 * error.
 */
export function explainPrivilege(error: unknown): unknown {
  if (!(error instanceof MongoServerError)) return error;
  const message = missingPrivilege(error);
  if (message === undefined) return error;
  return new SchemaError('NOT_ALLOWED', 'The server refused a command, because the user lacks a privilege', {
    why: message,
    fix: grantFix,
    cause: error,
  });
}

function firstWriteErrorInfo(error: MongoServerError): unknown {
  if (!(error instanceof MongoBulkWriteError)) return undefined;
  const [first] = [error.writeErrors].flat();
  return first?.err.errInfo;
}

/** Yields the reasons of a failed validation, one per line: `email: expected bsonType string, found 5`. */
function* validationReasons({ failingDocumentId, details }: Document): Generator<string> {
  if (failingDocumentId !== undefined) yield `document ${String(failingDocumentId)}`;
  yield* reasonsIn(details, '');
}

function* reasonsIn(detail: unknown, path: string): Generator<string> {
  if (Array.isArray(detail)) for (const inner of detail) yield* reasonsIn(inner, path);
  if (typeof detail !== 'object' || detail === null || Array.isArray(detail)) return;
  const { operatorName, propertyName, specifiedAs, reason, missingProperties, consideredValue, ...nested } =
    detail as Document;
  const here = propertyName === undefined ? path : path ? `${path}.${String(propertyName)}` : String(propertyName);
  if (Array.isArray(missingProperties)) yield `${here || 'document'}: missing ${missingProperties.join(', ')}`;
  else if (reason !== undefined) {
    const found = consideredValue === undefined ? '' : `, found ${JSON.stringify(consideredValue)}`;
    yield `${here || String(operatorName)}: ${String(reason)} ${JSON.stringify(specifiedAs)}${found}`;
  }
  for (const inner of Object.values(nested)) if (typeof inner === 'object') yield* reasonsIn(inner, here);
}
