import { BSON, ObjectId, type Binary, type Document } from 'mongodb';
import { deepFreeze } from './freeze';
import type { Plain, PlainObject } from './schema';
import { SchemaError } from '../support/schema-error';

const { EJSON } = BSON;

/** Whether plain data is an object, and no list. */
export function isPlainObject(value: Plain | undefined): value is PlainObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A BSON value as frozen plain data (relaxed Extended JSON). */
export function toPlain(value: Document): PlainObject {
  return deepFreeze(EJSON.serialize(value, { relaxed: true }));
}

/** @throws error with code `MIGRATION` for whole numbers that a double cannot hold exactly: they would come back from the server as others. */
export function refuseInexact(value: Plain | undefined, path = ''): void {
  if (typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value)) {
    throw new SchemaError('MIGRATION', `${path || 'A value'} is a whole number that a double cannot hold exactly`, {
      why: `${path || 'it'} is ${value}, and the server would store another number`,
      fix: 'write it as a Decimal128',
    });
  }
  if (typeof value !== 'object' || value === null) return;
  for (const [name, inner] of Object.entries(value)) refuseInexact(inner, path ? `${path}.${name}` : name);
}

/** The names that mark a BSON type in Extended JSON. `$regex` is none of them: in a filter it is an operator. */
const typeMarks = new Set(
  'oid date numberDecimal numberDouble numberLong numberInt binary uuid timestamp regularExpression minKey maxKey symbol code'
    .split(' ')
    .map((name) => `$${name}`),
);

/** Whether an object in plain data is a BSON type, such as `{ $date: … }`, and no document. */
export function isTypedValue(value: PlainObject): boolean {
  return Object.keys(value).some((name) => typeMarks.has(name));
}

/** The BSON value that plain data stands for. Numbers stay numbers, unless `relaxed` is false. */
export function fromPlain(plain: PlainObject, { relaxed = true } = {}): Document {
  return revive(plain, relaxed) as Document;
}

function revive(plain: Plain, relaxed: boolean): unknown {
  if (Array.isArray(plain)) return plain.map((item: Plain) => revive(item, relaxed));
  if (typeof plain !== 'object' || plain === null) return plain;
  if (isTypedValue(plain as PlainObject)) return EJSON.deserialize(plain, { relaxed });
  return Object.fromEntries(Object.entries(plain).map(([name, inner]) => [name, revive(inner, relaxed)]));
}

/** What an `_id` of a reference document may be. */
export type DocumentId = ObjectId | Binary | string | number | boolean | Date;

const hexPattern = /^[0-9a-f]{24}$/;

/** The name of a reference document in a schema: an ObjectId's 24 hex digits, any other `_id` as Extended JSON text. */
export function documentKey(id: unknown): string {
  return id instanceof ObjectId ? id.toHexString() : EJSON.stringify(id, { relaxed: true });
}

/** The `_id` that a {@link documentKey} stands for. */
export function documentId(key: string): DocumentId {
  return hexPattern.test(key) ? new ObjectId(key) : (EJSON.parse(key) as DocumentId);
}
