import { BSONRegExp } from 'mongodb';
import { expressionShape } from './expression-shape';
import { braces, hidden, isPlain, shownPath } from './redact';

/** Operators that take a list of filters. */
const logical: ReadonlySet<string> = new Set(['$and', '$or', '$nor']);
/** Top-level operators that take a value. The value is not shown. */
const besideFields: ReadonlySet<string> = new Set(['$where', '$text', '$jsonSchema', '$sampleRate']);
/** Field operators that take a list. */
const ofLists: ReadonlySet<string> = new Set(['$in', '$nin', '$all']);
/** Field operators that take a value or another argument. The value or argument is not shown. */
const ofValues: ReadonlySet<string> = new Set(
  (
    '$ne $gt $gte $lt $lte $exists $type $size $mod $regex $bitsAllSet $bitsAllClear $bitsAnySet $bitsAnyClear ' +
    '$geoWithin $geoIntersects $near $nearSphere $within'
  ).split(' '),
);
/** Names that are options of other operators, or comments. The shape does not contain them. */
const modifiers: ReadonlySet<string> = new Set(['$options', '$maxDistance', '$minDistance', '$comment']);

/**
 * Returns the shape of a filter: field paths and operators, sorted by name, without values. Two filters that differ only in values, or
 * only in the order of their conditions, have the same shape.
 */
export function filterShape(filter: unknown): string {
  if (!isPlain(filter)) return hidden.one;
  const parts = Object.entries(filter)
    .filter(([name]) => !modifiers.has(name))
    .map(([name, value]) => (name.startsWith('$') ? besideShape(name, value) : fieldShape(name, value)));
  return braces(parts.sort());
}

function besideShape(operator: string, value: unknown): string {
  // Branches of the same shape are listed once, because applications often build an $or from a list of values.
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

/** Returns the shape of the condition on a field. Equality with a value is `?`, with or without `$eq`. */
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

/** Returns the shape of the argument of `$elemMatch`: operators if the elements are values, or a filter if they are documents. */
export function elementShape(value: unknown): string {
  return isOperators(value) && !logical.has(Object.keys(value)[0] ?? '') ? conditionShape(value) : filterShape(value);
}

/** Returns true if a condition consists of operators, and false if it is a value to compare with. */
export function isOperators(value: unknown): value is Readonly<Record<string, unknown>> {
  return isPlain(value) && (Object.keys(value)[0]?.startsWith('$') ?? false) && !('$ref' in value);
}

/** Returns whether a value is a regular expression, in one of the driver's types. */
export function isRegExp(value: unknown): boolean {
  return value instanceof RegExp || value instanceof BSONRegExp;
}

/** Returns the shape of a sort, with its fields in their order. */
export function sortShape(sort: unknown): string {
  if (!isPlain(sort)) return hidden.one;
  return braces(
    Object.entries(sort).map(([path, how]) => {
      if (isPlain(how)) return `${shownPath(path)}: { $meta: ${hidden.one} }`;
      return `${shownPath(path)}: ${directionOf(how) ?? hidden.one}`;
    }),
  );
}

/** Returns the direction of a sort field, from a number of any BSON type. Returns undefined for other values. */
export function directionOf(how: unknown): 1 | -1 | undefined {
  const number = typeof how === 'boolean' ? Number.NaN : Number(how);
  return number === 1 ? 1 : number === -1 ? -1 : undefined;
}
