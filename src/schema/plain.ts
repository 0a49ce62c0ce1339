import { BSON, ObjectId, type Document } from 'mongodb';
import { deepFreeze } from './draft';
import type { Plain, PlainObject } from './schema';

const { EJSON } = BSON;

/** A BSON value as frozen plain data (relaxed Extended JSON). */
export function toPlain(value: Document): PlainObject {
  return deepFreeze(EJSON.serialize(value, { relaxed: true }) as PlainObject);
}

/** @throws Error for whole numbers that a double cannot hold exactly: they would come back from the server as others. */
export function refuseInexact(value: Plain | undefined, path = ''): void {
  if (typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value)) {
    throw new Error(`${path || 'A value'} is ${value}, which a double cannot hold exactly; write it as a Decimal128.`);
  }
  if (typeof value !== 'object' || value === null) return;
  for (const [name, inner] of Object.entries(value)) refuseInexact(inner as Plain, path ? `${path}.${name}` : name);
}

/** The BSON value that plain data stands for. */
export function fromPlain(plain: Plain): Document {
  return EJSON.deserialize(plain as Document) as Document;
}

const hexPattern = /^[0-9a-f]{24}$/;

/** The name of a reference document in a schema: an ObjectId's 24 hex digits, any other `_id` as Extended JSON text. */
export function documentKey(id: unknown): string {
  return id instanceof ObjectId ? id.toHexString() : EJSON.stringify(id, { relaxed: true });
}

/** The `_id` that a {@link documentKey} stands for. */
export function documentId(key: string): unknown {
  return hexPattern.test(key) ? new ObjectId(key) : EJSON.parse(key);
}
