import {
  BSON,
  Binary,
  ObjectId,
  type Code,
  type DBRef,
  type Document,
  type Double,
  type Int32,
  type Long,
} from 'mongodb';
import { deepFreeze } from './freeze';
import type { Plain, PlainObject } from './schema';
import { SchemaError } from '../support/schema-error';

const { EJSON } = BSON;

/** Returns whether plain data is an object, and not an array. */
export function isPlainObject(value: Plain | undefined): value is PlainObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The names that mark a BSON type in Extended JSON. `$regex` is not included, because it is an operator in a filter. */
const typeMarks = new Set(
  `oid date numberDecimal numberDouble numberLong numberInt binary uuid timestamp regularExpression minKey maxKey symbol code
  undefined dbPointer document`
    .split(/\s+/)
    .map((name) => `$${name}`),
);

/** Returns whether an object in plain data is a BSON type, such as `{ $date: … }`, and not a document. */
export function isTypedValue(value: PlainObject): boolean {
  return Object.keys(value).some((name) => typeMarks.has(name));
}

/** Names and values of a document that a JavaScript object cannot represent. */
type Pairs = readonly (readonly [name: string, value: Plain])[];

/** Returns the pairs of `{ $document: … }`; undefined for any other value. */
export function pairsIn(value: Plain | undefined): Pairs | undefined {
  const pairs = isPlainObject(value) ? value['$document'] : undefined;
  return Array.isArray(pairs) ? (pairs as Pairs) : undefined;
}

/**
 * Returns a document as frozen plain data, from which {@link fromPlain} makes an equal document. An int32 and a double with a fraction
 * become JavaScript numbers. Any other number is written with its type.
 * @throws error with code `MIGRATION` for values without a BSON type, such as a function.
 */
export function toPlain(value: Document): PlainObject {
  return deepFreeze(plainValue(value, '') as PlainObject);
}

function plainValue(value: unknown, path: string): Plain {
  switch (typeof value) {
    case 'undefined':
      return null;
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      return isInt32(value) || !isUnlikeInt32(value) ? value : doubleIn(value);
    case 'bigint':
      return { $numberLong: String(value) };
    case 'object':
      return value === null ? null : plainOfObject(value, path);
    case 'function':
    case 'symbol':
      throw unknownType(`a ${typeof value}`, path);
  }
}

function isInt32(value: number): boolean {
  return (value | 0) === value && !Object.is(value, -0);
}

/** Returns whether a number is NaN, infinite or -0, which JSON cannot represent. */
function isUnlikeInt32(value: number): boolean {
  return !Number.isFinite(value) || Object.is(value, -0);
}

/** Returns a double as plain data. If a plain number would be read as another type or value, the double is written with its type. */
export function doubleIn(value: number): Plain {
  const isUnsafe = Number.isInteger(value) && !Number.isSafeInteger(value) && Math.abs(value) < 2 ** 63;
  if (!isInt32(value) && !isUnlikeInt32(value) && !isUnsafe) return value;
  const text = Object.is(value, -0) ? '-0' : Number.isInteger(value) ? BigInt(value).toString() : String(value);
  return { $numberDouble: Number.isFinite(value) ? `${text}.0` : text };
}

function plainOfObject(value: object, path: string): Plain {
  if (Array.isArray(value)) return value.map((item: unknown, at) => plainValue(item, `${path}[${at}]`));
  if (value instanceof Uint8Array) return EJSON.serialize(new Binary(value));
  const type: unknown = (value as { readonly _bsontype?: unknown })._bsontype;
  if (typeof type === 'string') return plainOfBson(value, type, path);
  const tag = Object.prototype.toString.call(value).slice('[object '.length, -1);
  if (tag === 'Date') return EJSON.serialize(value, { relaxed: true });
  if (tag === 'RegExp') return regExpOf(value as RegExp, path);
  if (tag === 'Map') return documentIn([...(value as Map<string, unknown>)], path);
  const { toBSON } = value as { readonly toBSON?: unknown };
  if (typeof toBSON === 'function') return plainValue((toBSON as () => unknown).call(value), path);
  if (tag !== 'Object') throw unknownType(`a ${tag}`, path);
  return documentIn(Object.entries(value), path);
}

function plainOfBson(value: object, type: string, path: string): Plain {
  switch (type) {
    case 'Int32':
      return (value as Int32).value;
    case 'Double':
      return doubleIn((value as Double).value);
    case 'Long':
      return { $numberLong: (value as Long).toString() };
    case 'DBRef': {
      const { collection, oid, db, fields } = value as DBRef;
      return documentIn(Object.entries({ $ref: collection, $id: oid, ...(db && { $db: db }), ...fields }), path);
    }
    case 'Code': {
      const { code, scope } = value as Code;
      const kept = scope && { $scope: plainValue(scope, path) };
      return { $code: code, ...kept };
    }
    default:
      return EJSON.serialize(value, { relaxed: true });
  }
}

function regExpOf(value: RegExp, path: string): Plain {
  const unknown = /[^imsu]/.exec(value.flags)?.[0];
  if (unknown !== undefined) throw unknownType(`a regular expression with the flag ${unknown}`, path);
  return EJSON.serialize(value, { relaxed: true });
}

function documentIn(entries: readonly (readonly [string, unknown])[], path: string): Plain {
  return documentOf(
    entries.map(([name, inner]) => [name, plainValue(inner, path === '' ? name : `${path}.${name}`)] as const),
  );
}

/**
 * Returns a document as plain data. This is an object, or `{ $document: … }` if one of the names marks a BSON type or if JavaScript would
 * reorder the names. At the top level, the position of `_id` has no meaning: the server stores `_id` first.
 */
export function documentOf(pairs: Pairs, { isTop = false } = {}): Plain {
  const whole = Object.fromEntries(pairs);
  const names = (some: readonly string[]) => (isTop ? some.filter((name) => name !== '_id') : some);
  const [kept, given] = [names(Object.keys(whole)), names(pairs.map(([name]) => name))];
  const isKept = kept.length === given.length && kept.every((name, at) => name === given[at]);
  return isKept && !isTypedValue(whole) ? whole : { $document: pairs };
}

function unknownType(what: string, path: string): SchemaError {
  return new SchemaError('MIGRATION', `${path || 'A value'} is ${what}, which MongoDB cannot store`, {
    fix: 'write a value of a BSON type: a text, a number, a date, a Long, a BSONRegExp …',
  });
}

/** @throws error with code `MIGRATION` for a whole number that JavaScript cannot represent exactly: another number would be stored */
export function refuseInexact(value: Plain | undefined, path = ''): void {
  const isUnsafe = typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value);
  // A larger number does not fit into an int64, so it must be meant as a double.
  if (isUnsafe && Math.abs(value) < 2 ** 63) {
    throw new SchemaError('MIGRATION', `${path || 'A value'} is a whole number that a double cannot hold exactly`, {
      why: `${path || 'it'} is ${value}, but the server would store another number`,
      fix: 'write it as a Long, a Double or a Decimal128',
    });
  }
  if (typeof value !== 'object' || value === null) return;
  for (const [name, inner] of Object.entries(value)) refuseInexact(inner, path ? `${path}.${name}` : name);
}

/** Returns the document for plain data, with the same types and the same order of names. */
export function fromPlain(plain: PlainObject): Document {
  return revive(plain) as Document;
}

function revive(plain: Plain): unknown {
  if (Array.isArray(plain)) return plain.map((item: Plain) => revive(item));
  if (!isPlainObject(plain)) return plain;
  const pairs = pairsIn(plain);
  if (pairs) return new Map(pairs.map(([name, inner]) => [name, revive(inner)]));
  if (isTypedValue(plain)) {
    const { $scope } = plain;
    const typed = EJSON.deserialize(plain, { relaxed: false }) as unknown;
    return $scope === undefined ? typed : Object.assign(typed as Code, { scope: revive($scope) });
  }
  return Object.fromEntries(Object.entries(plain).map(([name, inner]) => [name, revive(inner)]));
}

/**
 * Returns plain data in which an int, a long and a double of the same value are the same number, as in the hashes of frozen.json. Values
 * that a JavaScript number cannot represent keep their type.
 */
export function relaxed<T>(value: T): T {
  return relaxedValue(value as Plain) as T;
}

function relaxedValue(value: Plain): Plain {
  if (Array.isArray(value)) return value.map((item: Plain) => relaxedValue(item));
  if (!isPlainObject(value)) return value;
  const pairs = pairsIn(value);
  if (pairs) return Object.fromEntries(pairs.map(([name, inner]) => [name, relaxedValue(inner)]));
  if (isTypedValue(value)) return relaxedType(value);
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, relaxedValue(inner)]));
}

function relaxedType(value: PlainObject): Plain {
  const { $scope } = value;
  if ($scope !== undefined) return { ...value, $scope: relaxedValue($scope) };
  const text = value['$numberLong'] ?? value['$numberDouble'];
  const number = typeof text === 'string' ? Number(text) : Number.NaN;
  return Number.isSafeInteger(number) ? number + 0 : value;
}

/** The types that an `_id` of a reference document may have. */
export type DocumentId = ObjectId | Binary | string | number | boolean | Date;

const hexPattern = /^[0-9a-f]{24}$/;

/** Returns the key of a reference document in a schema: the 24 hex digits of an ObjectId, or any other `_id` as Extended JSON text. */
export function documentKey(id: unknown): string {
  return keyOfPlain(plainValue(id, '_id'));
}

/** Returns a reference document's key from its `_id` in plain data. To the server, an int, a long and a double can be the same `_id`. */
export function keyOfPlain(id: Plain): string {
  const hex = isPlainObject(id) ? id['$oid'] : undefined;
  return typeof hex === 'string' ? hex : JSON.stringify(relaxed(id));
}

/** Returns the `_id` for a {@link documentKey}. */
export function documentId(key: string): DocumentId {
  return hexPattern.test(key) ? new ObjectId(key) : (revive(JSON.parse(key) as Plain) as DocumentId);
}
