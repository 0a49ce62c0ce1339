import { BSONRegExp } from 'mongodb';
import { expressionShape } from './expression-shape';
import { braces, hidden, isPlain, shownPath } from './redact';

/** Operators that take filters in a list. */
const logical: ReadonlySet<string> = new Set(['$and', '$or', '$nor']);
/** Operators beside fields that take a value: none of it is shown. */
const besideFields: ReadonlySet<string> = new Set(['$where', '$text', '$jsonSchema', '$sampleRate']);
/** Operators of a field that take a list. */
const ofLists: ReadonlySet<string> = new Set(['$in', '$nin', '$all']);
/** Operators of a field that take a value, or what is no less one. */
const ofValues: ReadonlySet<string> = new Set(
  (
    '$ne $gt $gte $lt $lte $exists $type $size $mod $regex $bitsAllSet $bitsAllClear $bitsAnySet $bitsAnyClear ' +
    '$geoWithin $geoIntersects $near $nearSphere $within'
  ).split(' '),
);
/** They say how another operator is meant. */
const modifiers: ReadonlySet<string> = new Set(['$options', '$maxDistance', '$minDistance', '$comment']);

/**
 * A filter without its values: paths of fields and operators, in the order of their names. Two filters that differ in values
 * alone, or in the order of their conditions, have the same shape.
 */
export function filterShape(filter: unknown): string {
  if (!isPlain(filter)) return hidden.one;
  const parts = Object.entries(filter)
    .filter(([name]) => !modifiers.has(name))
    .map(([name, value]) => (name.startsWith('$') ? besideShape(name, value) : fieldShape(name, value)));
  return braces(parts.sort());
}

function besideShape(operator: string, value: unknown): string {
  // However many there are: an $or is often made of a list of values.
  if (logical.has(operator)) return `${operator}: ${listShape(value, filterShape)}`;
  if (operator === '$expr') return `$expr: ${expressionShape(value)}`;
  return besideFields.has(operator) ? `${operator}: ${hidden.one}` : `$${hidden.one}: ${hidden.one}`;
}

function listShape(list: unknown, shapeOf: (item: unknown) => string): string {
  if (!Array.isArray(list)) return hidden.one;
  return `[${[...new Set(list.map(shapeOf))].sort().join(', ')}]`;
}

function fieldShape(path: string, condition: unknown): string {
  return `${shownPath(path)}: ${conditionShape(condition)}`;
}

/** What is asked of a field. Equality with a value is `?`, whichever way it is written. */
function conditionShape(condition: unknown): string {
  if (isRegExp(condition)) return braces([`$regex: ${hidden.one}`]);
  if (!isOperators(condition)) return hidden.one;
  const operators = Object.entries(condition).filter(([name]) => !modifiers.has(name));
  if (operators.every(([name]) => name === '$eq')) return hidden.one;
  return braces(operators.map(([name, value]) => operatorShape(name, value)).sort());
}

function operatorShape(operator: string, value: unknown): string {
  if (operator === '$not') return `$not: ${conditionShape(value)}`;
  if (operator === '$elemMatch') return `$elemMatch: ${elementShape(value)}`;
  if (ofLists.has(operator)) {
    const isOfFilters = operator === '$all' && Array.isArray(value) && value.some(isOperators);
    return `${operator}: ${isOfFilters ? listShape(value, conditionShape) : hidden.several}`;
  }
  return ofValues.has(operator) || operator === '$eq' ? `${operator}: ${hidden.one}` : `$${hidden.one}: ${hidden.one}`;
}

/** `$elemMatch` takes operators for elements that are values, and a filter for those that are documents. */
export function elementShape(value: unknown): string {
  return isOperators(value) && !logical.has(Object.keys(value)[0] ?? '') ? conditionShape(value) : filterShape(value);
}

/** Whether a condition is made of operators, and no value that a field is to equal. */
export function isOperators(value: unknown): value is Readonly<Record<string, unknown>> {
  return isPlain(value) && (Object.keys(value)[0]?.startsWith('$') ?? false) && !('$ref' in value);
}

/** Whether a value is a pattern, as the driver reads it. */
export function isRegExp(value: unknown): boolean {
  return value instanceof RegExp || value instanceof BSONRegExp;
}

/** A sort: the order of its fields counts. */
export function sortShape(sort: unknown): string {
  if (!isPlain(sort)) return hidden.one;
  return braces(
    Object.entries(sort).map(([path, how]) => {
      if (isPlain(how)) return `${shownPath(path)}: { $meta: ${hidden.one} }`;
      return `${shownPath(path)}: ${directionOf(how) ?? hidden.one}`;
    }),
  );
}

/** Numbers of any type, which a log tells as numbers. */
export function directionOf(how: unknown): 1 | -1 | undefined {
  const number = typeof how === 'boolean' ? Number.NaN : Number(how);
  return number === 1 ? 1 : number === -1 ? -1 : undefined;
}
