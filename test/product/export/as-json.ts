import { Double, Int32, Long, ObjectId } from 'mongodb';
import type { PlainObject } from '../../../src/schema';
import { isObject } from '../../../src/support/is-object';

/** What JSON has no way to write: a document with it is passed by. */
export class NotInJson extends Error {}

/**
 * A value as `JSON.stringify` writes the driver's values, read back as plain JSON.
 * @throws NotInJson for what it could not write, or would write as another value
 */
export function asJson(value: unknown): unknown {
  return JSON.parse(JSON.stringify(written(value))) as unknown;
}

function written(value: unknown): unknown {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (value instanceof ObjectId) return value.toHexString();
  if (value instanceof Date) return dateText(value);
  if (value instanceof Long) return number(value.toNumber(), Number.isSafeInteger(value.toNumber()));
  if (value instanceof Int32 || value instanceof Double) return number(value.value);
  if (typeof value === 'number') return number(value);
  if (Array.isArray(value)) return value.map(written);
  if (typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype)
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, written(inner)]));
  throw new NotInJson();
}

/** RFC 3339 knows the years of four digits. */
function dateText(date: Date): string {
  const text = Number.isNaN(date.getTime()) ? '' : date.toISOString();
  if (!/^\d{4}-/.test(text)) throw new NotInJson();
  return text;
}

function number(value: number, isExact = true): number {
  if (!Number.isFinite(value) || !isExact) throw new NotInJson();
  return value;
}

/**
 * A value of JSON with the types that its JSON Schema says: what an application inserts that knows nothing else of the
 * collection. What fits no type stays as it is.
 */
export function readBySchema(value: unknown, schema: PlainObject, root: PlainObject): unknown {
  const branches = [schema['anyOf'] ?? schema].flat() as PlainObject[];
  for (const branch of branches) {
    const name = /^#\/\$defs\/(\w+)$/.exec((branch['$ref'] ?? '') as string)?.[1];
    if (name !== undefined) {
      const read = readers[name]?.(value, (root['$defs'] as Record<string, PlainObject>)[name] ?? {});
      if (read !== undefined) return read;
    } else if (Array.isArray(value) && branch['type'] === 'array') {
      return value.map((item) => readBySchema(item, (branch['items'] ?? {}) as PlainObject, root));
    } else if (isObject(value) && branch['type'] === 'object') {
      const properties = (branch['properties'] ?? {}) as Readonly<Record<string, PlainObject>>;
      return Object.fromEntries(
        Object.entries(value).map(([field, inner]) => [field, readBySchema(inner, properties[field] ?? {}, root)]),
      );
    }
  }
  return value;
}

type Reader = (value: unknown, definition: PlainObject) => unknown;
const isWhole = (value: unknown): value is number => Number.isInteger(value);

const readers: Readonly<Record<string, Reader>> = {
  objectId: (value, { pattern }) =>
    typeof value === 'string' && new RegExp(pattern as string).test(value) ? new ObjectId(value) : undefined,
  date: (value, { pattern }) => {
    if (typeof value !== 'string' || !new RegExp(pattern as string).test(value)) return undefined;
    const date = new Date(value);
    return Number.isNaN(date.getTime()) ? undefined : date;
  },
  int: (value) => (isWhole(value) && Math.abs(value) <= 2 ** 31 - 1 ? new Int32(value) : undefined),
  long: (value) => (isWhole(value) && Math.abs(value) < 2 ** 63 ? Long.fromNumber(value) : undefined),
  double: (value) => (typeof value === 'number' ? new Double(value) : undefined),
};
