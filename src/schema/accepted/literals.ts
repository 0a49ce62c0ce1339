import { isPlainObject, isTypedValue } from '../plain';
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

/** Whether a value stands for itself: no object, or one that is a BSON type in Extended JSON. */
export function isLiteral(value: Plain): boolean {
  return !isPlainObject(value) || isTypedValue(value);
}

/** Whether an object names operators. `$ref`, `$id` and `$db` are the names of a reference. */
export function isOperators(value: Plain | undefined): value is PlainObject {
  if (!isPlainObject(value) || isTypedValue(value)) return false;
  const [first] = Object.keys(value);
  return first?.startsWith('$') === true && !['$ref', '$id', '$db'].includes(first);
}

/** A number in plain data, whatever its type: a Decimal128 and NaN are objects there. */
export function numberIn(value: Plain | undefined): number | undefined {
  if (typeof value === 'number') return value;
  if (!isPlainObject(value)) return undefined;
  const text = value['$numberDecimal'] ?? value['$numberDouble'];
  return typeof text === 'string' ? Number(text) : undefined;
}

/** Every value that the server could not keep as it is written, by its path. */
export function* literalProblems(value: Plain, path = ''): Generator<string> {
  const at = path === '' ? 'a value' : path;
  // It may have been a Long; what is larger was a double all along.
  if (typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value) && Math.abs(value) < 2 ** 63)
    yield `${at} is ${value}, a whole number that a double cannot hold exactly: the server would store another one`;
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    for (const [index, inner] of value.entries()) yield* literalProblems(inner as Plain, `${path}[${index}]`);
    return;
  }
  for (const [name, inner] of Object.entries(value as PlainObject)) {
    if (name === '$date' && isPlainObject(inner) && inner['$numberLong'] === 'NaN') yield `${at} is no valid date`;
    else if (name.includes('\0')) yield `${at} has a field whose name contains a null character`;
    else yield* literalProblems(inner, path === '' ? name : `${path}.${name}`);
  }
}
