import { isPlainObject, isTypedValue, pairsIn } from './plain';
import type { Plain, PlainObject } from './schema';

/** Returns plain data as a JavaScript literal for mongosh, in one line. BSON types use EJSON. */
export function shellLiteral(value: unknown): string {
  const plain = value as Plain;
  if (some(plain, (inner) => pairsIn(inner) !== undefined)) return textOf(plain, typeText);
  if (!some(plain, isTypedValue)) return textOf(plain, typeText);
  // Without `relaxed: false`, EJSON turns numbers into JavaScript numbers. With this option, numbers beyond an int32 become int64.
  const isExact = some(plain, (inner) => ['$numberLong', '$numberDouble'].some((mark) => mark in inner));
  const asWritten = (inner: PlainObject) => textOf(inner, undefined);
  return isExact
    ? `EJSON.deserialize(${textOf(plain, asWritten, exactNumber)}, { relaxed: false })`
    : `EJSON.deserialize(${textOf(plain, asWritten)})`;
}

/** Returns whether the condition is true for an object at any depth. */
function some(value: Plain, has: (inner: PlainObject) => boolean): boolean {
  if (Array.isArray(value)) return (value as readonly Plain[]).some((item) => some(item, has));
  if (!isPlainObject(value)) return false;
  return has(value) || Object.values(value).some((inner) => some(inner, has));
}

function textOf(
  value: Plain,
  typed: ((value: PlainObject) => string) | undefined,
  number: (value: number) => string = String,
): string {
  const inside = (inner: Plain) => textOf(inner, typed, number);
  if (typeof value === 'number') return number(value);
  if (Array.isArray(value)) return `[${(value as readonly Plain[]).map(inside).join(', ')}]`;
  if (!isPlainObject(value)) return JSON.stringify(value);
  const pairs = pairsIn(value);
  if (pairs) return pairsText(pairs, inside);
  if (typed && isTypedValue(value)) return typed(value);
  const parts = Object.entries(value).map(([name, inner]) => `${nameText(name)}: ${inside(inner)}`);
  return parts.length === 0 ? '{}' : `{ ${parts.join(', ')} }`;
}

/** Returns the text of a single BSON value, for a document that EJSON cannot convert as a whole. */
function typeText(value: PlainObject): string {
  return `EJSON.deserialize(${textOf(value, undefined)}, { relaxed: false })`;
}

function exactNumber(value: number): string {
  return Number.isInteger(value) && (value | 0) !== value ? `{ $numberDouble: "${value}" }` : String(value);
}

/** Returns the text of a document from its pairs: a `Map` if a JavaScript object would reorder the names, because it puts numbers first. */
function pairsText(pairs: readonly (readonly [string, Plain])[], inside: (value: Plain) => string): string {
  const isKept = Object.keys(Object.fromEntries(pairs)).every((name, at) => name === pairs[at]?.[0]);
  const parts = pairs.map(([name, inner]) =>
    isKept ? `${nameText(name)}: ${inside(inner)}` : `[${JSON.stringify(name)}, ${inside(inner)}]`,
  );
  return isKept ? `{ ${parts.join(', ')} }` : `new Map([${parts.join(', ')}])`;
}

function nameText(name: string): string {
  // In an object literal, `__proto__: x` sets the prototype, even with quotes. A computed name does not.
  if (name === '__proto__') return '["__proto__"]';
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name);
}
