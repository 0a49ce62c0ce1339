import { MongoBulkWriteError, MongoServerError, type Document } from 'mongodb';

/**
 * An error of the server with what was being done in front of it, and, for a document that a validator refused, why.
 * Other errors pass unchanged.
 */
export function explainServerError(error: unknown, what: string): unknown {
  if (!(error instanceof MongoServerError)) return error;
  const info = (error.errInfo ?? firstWriteErrorInfo(error)) as Document | undefined;
  const reasons = info ? [...validationReasons(info)] : [];
  const name = error.codeName ?? (error.code === undefined ? 'error' : `code ${error.code}`);
  const lines = [`Cannot ${what}: ${error.message} (${name})`, ...reasons.map((reason) => `  ${reason}`)];
  return Object.assign(new Error(lines.join('\n'), { cause: error }), { code: error.code });
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
