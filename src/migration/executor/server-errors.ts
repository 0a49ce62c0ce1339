import { MongoBulkWriteError, MongoServerError, type Document } from 'mongodb';

/**
 * An error of the server with what was being done in front of it, and, for a document that a validator refused, why.
 * Other errors pass unchanged.
 */
export function explainServerError(error: unknown, what: string): unknown {
  if (!(error instanceof MongoServerError)) return error;
  const info = (error.errInfo ?? firstWriteErrorInfo(error)) as Document | undefined;
  const reasons = info ? [...validationReasons(info)] : [];
  const name = error.codeName ?? namesOfWriteErrors.get(error.code) ?? `code ${error.code ?? 'unknown'}`;
  const message = missingPrivilege(error) ?? error.message;
  const lines = [`Cannot ${what}: ${message} (${name})`, ...reasons.map((reason) => `  ${reason}`)];
  // The server's message may show values of documents; the summary, which history keeps, does not.
  const summary = `Cannot ${what}: ${name}`;
  return Object.assign(new Error(lines.join('\n'), { cause: error }), { code: error.code, summary });
}

/** Of errors that a bulk write reports, the server tells no name. */
const namesOfWriteErrors: ReadonlyMap<unknown, string> = new Map([
  [121, 'DocumentValidationFailure'],
  [11000, 'DuplicateKey'],
]);

const unauthorized = 13;

/** The privilege that each command needs, where it goes by another name. */
const privileges: Readonly<Record<string, string>> = {
  create: 'createCollection',
  createIndexes: 'createIndex',
  drop: 'dropCollection',
  dropIndexes: 'dropIndex',
  delete: 'remove',
  aggregate: 'find',
};

/** The server repeats the whole command, values and all; what helps is the name of the privilege and of the place. */
function missingPrivilege({ code, message }: MongoServerError): string | undefined {
  if (code !== unauthorized) return undefined;
  const [, database, command, collection] =
    /^not authorized on (\S+) to execute command \{ (\w+): "?([^",}]*)/.exec(message) ?? [];
  if (database === undefined || command === undefined) return 'this user lacks a privilege';
  const place = collection ? `${database}.${collection.trim()}` : database;
  return `this user lacks the privilege ${privileges[command] ?? command} on ${place}`;
}

/** An error in a line without values: what a server's message shows of documents stays out of the history. */
export function summaryOf({ message, summary }: Error & { summary?: string }): string {
  return summary ?? message.split('\n', 1)[0] ?? '';
}

/** An error that names the missing privilege, for a command that the server refused for want of one; else the same. */
export function explainPrivilege(error: unknown): unknown {
  if (!(error instanceof MongoServerError)) return error;
  const message = missingPrivilege(error);
  if (message === undefined) return error;
  return Object.assign(new Error(`Not allowed: ${message}.`, { cause: error }), { code: error.code });
}

function firstWriteErrorInfo(error: MongoServerError): unknown {
  if (!(error instanceof MongoBulkWriteError)) return undefined;
  const [first] = [error.writeErrors].flat();
  return first?.err.errInfo;
}

/** The details of a failed validation in lines: `email: expected bsonType string, found 5`. */
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
