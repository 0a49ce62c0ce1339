import { didYouMean } from '../../support/nearest';
import { isPlainObject } from '../plain';
import type { Plain, PlainObject } from '../schema';
import { expressionProblems } from './expressions';
import { geometryProblem } from './geometries';
import { jsonSchemaProblems } from './json-schemas';
import { isLiteral, isOperators, literalProblems, numberIn, regExpIn } from './literals';
import { optionsProblem, patternProblem } from './patterns';
import { typeProblem } from './types';
import { isWhole, show } from './values';

/** The operators at the top level of a filter, and in the lists of `$and`, `$or` and `$nor`. */
const logical = ['$and', '$or', '$nor'];
const topLevel = [...logical, '$expr', '$jsonSchema', '$comment'];

/** Operators that the server allows in a query, but not in a stored filter. */
const sorting = 'it sorts, which only a query can do; use $geoWithin';
const notHere: ReadonlyMap<string, string> = new Map([
  ['$where', 'a stored filter cannot run JavaScript; use $expr'],
  ['$text', 'a stored filter cannot search text'],
  ['$sampleRate', 'a stored filter must give the same answer each time'],
  ['$near', sorting],
  ['$nearSphere', sorting],
  ['$geoNear', sorting],
  ['$comment', 'it is allowed only at the top level of a filter'],
  ['$jsonSchema', 'it is allowed only at the top level of a filter'],
  ['$expr', 'it is allowed only at the top level of a filter'],
]);

/** Returns the problem with the value of a field operator, or undefined. */
type Check = (value: Plain, siblings: PlainObject) => string | undefined;

const comparison: Check = (value) => (regExpIn(value) ? 'it does not allow a regular expression' : undefined);
const list: Check = (value) => {
  if (!Array.isArray(value)) return 'it needs a list';
  const items = value as readonly Plain[];
  if (items.some(isOperators)) return 'its list must contain only values, not operators';
  return items.map(regExpProblem).find((problem) => problem !== undefined);
};
const bits: Check = (value) => {
  const isPosition = (one: Plain) => isWhole(one) && one >= 0 && one < 2 ** 63;
  const isTaken = Array.isArray(value)
    ? (value as readonly Plain[]).every(isPosition)
    : isPosition(value) || (isPlainObject(value) && ('$binary' in value || '$uuid' in value));
  return isTaken ? undefined : 'it needs a whole number of at least 0, a list of them, or a BinData';
};

/** @see https://www.mongodb.com/docs/v7.0/reference/operator/query/ */
const operators: Readonly<Record<string, Check>> = {
  $eq: () => undefined,
  $ne: comparison,
  $gt: comparison,
  $gte: comparison,
  $lt: comparison,
  $lte: comparison,
  $in: list,
  $nin: list,
  $exists: () => undefined,
  $type: typeProblem,
  $size: (value) =>
    isWhole(value) && value >= 0 && value < 2 ** 63 ? undefined : 'it needs a whole number of at least 0',
  $all: (value) => {
    if (!Array.isArray(value)) return 'it needs a list';
    const matches = (value as readonly Plain[]).filter((item) => isOperators(item) && '$elemMatch' in item);
    return matches.length === 0 || matches.length < value.length ? list(value, {}) : undefined;
  },
  $elemMatch: (value) => (isPlainObject(value) && !isLiteralObject(value) ? undefined : 'it needs an object'),
  $not: (value) => {
    if (regExpIn(value)) return regExpProblem(value);
    return isOperators(value) ? undefined : 'it needs operators, such as { $gt: 5 }, or a regular expression';
  },
  $mod: (value) => {
    const [divisor, remainder] =
      Array.isArray(value) && value.length === 2 ? (value as readonly Plain[]).map(numberIn) : [];
    if (!Number.isFinite(divisor) || !Number.isFinite(remainder)) return 'it needs [divisor, remainder]';
    return Math.trunc(divisor ?? 0) === 0 ? 'its divisor is 0' : undefined;
  },
  $regex: (value, siblings) => {
    const regExp = regExpIn(value);
    if (regExp && regExp.options !== '' && siblings['$options'] !== undefined)
      return 'its options are given twice: in the expression and in $options';
    if (regExp) return regExpProblem(value);
    return typeof value === 'string' ? patternProblem(value) : 'it needs a pattern';
  },
  $options: (value, siblings) => {
    if (siblings['$regex'] === undefined) return 'it needs a $regex in the same object';
    return typeof value === 'string' ? optionsProblem(value) : 'it needs a text such as "i"';
  },
  $bitsAllSet: bits,
  $bitsAllClear: bits,
  $bitsAnySet: bits,
  $bitsAnyClear: bits,
  $geoWithin: geometryProblem,
  $within: geometryProblem,
  $geoIntersects: (value) =>
    isPlainObject(value) && '$geometry' in value ? geometryProblem(value) : 'it needs { $geometry: … }',
};

function isLiteralObject(value: PlainObject): boolean {
  return isLiteral(value);
}

function regExpProblem(value: Plain): string | undefined {
  const found = regExpIn(value);
  return found && (patternProblem(found.pattern) ?? optionsProblem(found.options));
}

/** Yields the problems for which the server would refuse a filter as a validator, by path: `$or[0].a.$gte: it needs …`. */
export function* filterProblems(filter: Plain): Generator<string> {
  yield* literalProblems(filter);
  yield* problemsIn(filter, '');
}

function* problemsIn(filter: Plain, path: string): Generator<string> {
  if (!isPlainObject(filter) || isLiteral(filter)) {
    yield `${path || 'the filter'} must be an object`;
    return;
  }
  for (const [name, value] of Object.entries(filter)) {
    const at = path === '' ? name : `${path}.${name}`;
    if (logical.includes(name)) yield* problemsInList(value, at);
    else if (name === '$jsonSchema') yield* jsonSchemaProblems(value, at);
    else if (name === '$expr') yield* expressionProblems(value, at);
    else if (name.startsWith('$') && name !== '$comment') yield unknownProblem(name, at, topLevel);
    else if (name !== '$comment') yield* fieldProblems(value, at);
  }
}

function unknownProblem(name: string, at: string, known: readonly string[]): string {
  const advice = notHere.get(name);
  return advice === undefined
    ? `${at} is not an operator of a filter${didYouMean(name, known)}`
    : `${at} is not allowed here: ${advice}`;
}

function* problemsInList(value: Plain, at: string): Generator<string> {
  if (!Array.isArray(value) || value.length === 0) yield `${at} needs a list of conditions that is not empty`;
  else for (const [index, inner] of (value as readonly Plain[]).entries()) yield* problemsIn(inner, `${at}[${index}]`);
}

function* fieldProblems(value: Plain, path: string): Generator<string> {
  const problem = regExpProblem(value);
  if (problem !== undefined) yield `${path}: ${problem}`;
  if (isOperators(value)) yield* operatorProblems(value, path);
}

function* operatorProblems(condition: PlainObject, path: string): Generator<string> {
  for (const [name, value] of Object.entries(condition)) {
    const at = `${path}.${name}`;
    const check = Object.hasOwn(operators, name) ? operators[name] : undefined;
    if (check === undefined) {
      yield name.startsWith('$')
        ? unknownProblem(name, at, Object.keys(operators))
        : `${at} is in an object with operators, so it must be an operator too: write the path "${path}.${name}" as a separate field`;
      continue;
    }
    const problem = check(value, condition);
    if (problem !== undefined) yield `${at}: ${problem}, and is ${show(value)}`;
    else if (name === '$not' && isOperators(value)) yield* operatorProblems(value, at);
    else if (name === '$elemMatch') yield* elementProblems(value, at);
    else if (name === '$all')
      for (const item of value as readonly Plain[]) if (isOperators(item)) yield* operatorProblems(item, at);
  }
}

/** Yields the problems of `$elemMatch`: it accepts operators for elements that are values, or a filter for elements that are documents. */
function* elementProblems(value: Plain, path: string): Generator<string> {
  const [first] = isPlainObject(value) ? Object.keys(value) : [];
  const isFilter = first === undefined || !first.startsWith('$') || topLevel.includes(first);
  if (isFilter) yield* problemsIn(value, path);
  else if (isOperators(value)) yield* operatorProblems(value, path);
}

/** The operators that are allowed in a partial filter. */
const inPartial = new Set([
  '$eq',
  '$gt',
  '$gte',
  '$lt',
  '$lte',
  '$in',
  '$exists',
  '$type',
  '$all',
  '$geoWithin',
  '$within',
  '$geoIntersects',
]);
/** How deeply `$and` and `$or` may be nested in each other. Several conditions in one object count as an `$and`. */
const deepest = 3;

/**
 * Yields the problems for which the server would refuse a filter for a partial index.
 * @see https://www.mongodb.com/docs/v7.0/core/index-partial/
 */
export function* partialFilterProblems(filter: PlainObject): Generator<string> {
  const before = [...filterProblems(filter)];
  for (const problem of before.length > 0 ? before : partialProblemsIn(filter, '', 0))
    yield `the server refuses: ${problem}`;
}

function* partialProblemsIn(filter: PlainObject, path: string, level: number): Generator<string> {
  const conditions = Object.entries(filter).filter(([name]) => name !== '$comment');
  const count = conditions.reduce((sum, [, value]) => sum + (isOperators(value) ? Object.keys(value).length : 1), 0);
  const here = count === 1 ? level : level + 1;
  for (const [name, value] of conditions) {
    const at = path === '' ? name : `${path}.${name}`;
    if (name === '$and' || name === '$or') {
      for (const [index, inner] of (value as readonly PlainObject[]).entries())
        yield* partialProblemsIn(inner, `${at}[${index}]`, here + 1);
    } else if (name.startsWith('$')) yield `${at} is not allowed in a partial filter; $and and $or are`;
    else yield* partialFieldProblems(value, at, here);
  }
  if (count === 0 && here > deepest + 1) yield tooDeep(path);
}

function* partialFieldProblems(value: Plain, path: string, level: number): Generator<string> {
  if (regExpIn(value)) yield `${path} is a regular expression, which is not allowed in a partial filter`;
  const listed = isOperators(value) && '$all' in value ? 1 : 0;
  if (level + listed > deepest) yield tooDeep(path);
  if (!isOperators(value)) return;
  for (const [name, inner] of Object.entries(value)) {
    const at = `${path}.${name}`;
    if (!inPartial.has(name)) yield `${at} is not allowed in a partial filter; ${[...inPartial].join(', ')} are`;
    else if (name === '$exists' && (inner === false || inner === 0 || inner === null))
      yield `${at} must be true in a partial filter`;
    else if (name === '$all' && (inner as readonly Plain[]).some((one) => regExpIn(one) ?? isOperators(one)))
      yield `${at} must be a plain value in a partial filter`;
  }
}

function tooDeep(path: string): string {
  return `${path} is inside more than ${deepest} levels of $and and $or, where conditions side by side count as one level`;
}
