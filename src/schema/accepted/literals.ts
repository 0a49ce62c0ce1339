import { isPlainObject, isTypedValue, pairsIn } from '../plain';
import type { Plain, PlainObject } from '../schema';

/** A regular expression in plain data. */
export interface PlainRegExp {
  readonly pattern: string;
  readonly options: string;
}

export function regExpIn(value: Plain | undefined): PlainRegExp | undefined {
  if (!isPlainObject(value)) return undefined;
  const found = value['$regularExpression'];
  return isPlainObject(found) ? (found as unknown as PlainRegExp) : undefined;
}

/** Returns whether a value is a literal: a value that is not an object, or a BSON type in Extended JSON. */
export function isLiteral(value: Plain): boolean {
  return !isPlainObject(value) || isTypedValue(value);
}

/** Returns whether an object contains operators. `$ref`, `$id` and `$db` are not operators, but the fields of a DBRef. */
export function isOperators(value: Plain | undefined): value is PlainObject {
  if (!isPlainObject(value) || isTypedValue(value)) return false;
  const [first] = Object.keys(value);
  return first?.startsWith('$') === true && !['$ref', '$id', '$db'].includes(first);
}

/** Returns a number of any type in plain data, where Decimal128 and NaN are objects. */
export function numberIn(value: Plain | undefined): number | undefined {
  if (typeof value === 'number') return value;
  if (!isPlainObject(value)) return undefined;
  const text = value['$numberDecimal'] ?? value['$numberDouble'] ?? value['$numberLong'];
  return typeof text === 'string' ? Number(text) : undefined;
}

/** Yields, by path, every value that would be changed on the way from the migration to the server. */
export function* literalProblems(value: Plain, path = ''): Generator<string> {
  const at = path === '' ? 'a value' : path;
  // A larger number does not fit into an int64, so it must be meant as a double. A Double or a Long has an explicit type.
  if (typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value) && Math.abs(value) < 2 ** 63)
    yield `${at} is ${value}, a whole number that a JavaScript number cannot hold exactly: write it as a Long, or as a Double`;
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    for (const [index, inner] of value.entries()) yield* literalProblems(inner as Plain, `${path}[${index}]`);
    return;
  }
  for (const [name, inner] of pairsIn(value) ?? Object.entries(value as PlainObject)) {
    if (name === '$date' && isPlainObject(inner) && inner['$numberLong'] === 'NaN') yield `${at} is not a valid date`;
    else if (name === '$binary' && isPlainObject(inner) && inner['subType'] === '07')
      yield `${at} is a BinData of subtype 7, which the server reserves for time series`;
    else if (name.includes('\0')) yield `${at} has a field whose name contains a null character`;
    else yield* literalProblems(inner, path === '' ? name : `${path}.${name}`);
  }
}

/** Yields, by path, every document that looks like a BSON type, or that an object cannot represent. Such documents cannot be checked. */
export function* ambiguityProblems(value: Plain, path = ''): Generator<string> {
  if (Array.isArray(value)) {
    for (const [index, inner] of (value as readonly Plain[]).entries())
      yield* ambiguityProblems(inner, `${path}[${index}]`);
    return;
  }
  if (!isPlainObject(value)) return;
  const pairs = pairsIn(value);
  if (pairs) {
    const names = pairs.map(([name]) => name).join(', ');
    yield `${path || 'it'} has the names ${names}: one of them is a type in Extended JSON, or JavaScript would put them in another order`;
  } else if (!isTypedValue(value))
    for (const [name, inner] of Object.entries(value))
      yield* ambiguityProblems(inner, path === '' ? name : `${path}.${name}`);
}
