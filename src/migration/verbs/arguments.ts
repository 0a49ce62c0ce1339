import { SchemaError } from '../../support/schema-error';
import { didYouMean } from '../../support/nearest';

/** Describes a value for a message, often only by its type, because the value itself may be long. */
export function show(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'an object';
  return typeof value === 'function' ? 'a function' : `${typeof value} ${JSON.stringify(value)}`;
}

function refuse(verb: string, what: string, value: unknown, words: string): never {
  throw new SchemaError('MIGRATION', `${verb} has ${show(value)} as its ${what}`, {
    fix: `its ${what} must be ${words}`,
  });
}

/**
 * Checks an argument when the verb is called, because migrations are loaded without checking their types.
 * @throws error with code `MIGRATION`
 */
export function checkText(verb: string, what: string, value: unknown): asserts value is string {
  if (typeof value !== 'string') refuse(verb, what, value, 'a text');
}

/** @throws error with code `MIGRATION` */
export function checkList(
  verb: string,
  what: string,
  value: unknown,
  words = 'a list',
): asserts value is readonly unknown[] {
  if (!Array.isArray(value)) refuse(verb, what, value, words);
}

/** @throws error with code `MIGRATION` for a value that is not a plain object */
export function checkObject(verb: string, what: string, value: unknown, words = 'an object'): asserts value is object {
  if (!isObject(value)) refuse(verb, what, value, words);
}

/** @throws error with code `MIGRATION` for an empty reason */
export function checkReason(verb: string, value: unknown, fix: string): asserts value is string {
  if (typeof value !== 'string' || value.trim() === '')
    throw new SchemaError('MIGRATION', `${verb} has no reason`, { fix });
}

/** Returns whether a value is an object with named fields, and not an array, bytes, a date or another BSON type. */
export function isObject(value: unknown): value is object {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  if ('_bsontype' in value || ArrayBuffer.isView(value)) return false;
  return !(value instanceof Date) && !(value instanceof RegExp) && !(value instanceof Map);
}

/** @throws error with code `MIGRATION` for a name that the argument object does not have */
export function checkNames(verb: string, value: object, known: readonly string[]): void {
  for (const name of Object.keys(value)) {
    if (known.includes(name)) continue;
    throw new SchemaError('MIGRATION', `${verb} takes no ${name}${didYouMean(name, known)}`, {
      fix: `it takes ${known.join(', ')}`,
    });
  }
}

/** Returns the options without those that are undefined. An undefined option means the same as a missing one. */
export function withoutUndefined<T extends object>(options: T): T {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T;
}
