import { didYouMean } from '../../support/nearest';
import { isPlainObject } from '../plain';
import type { Plain, PlainObject } from '../schema';
import { isLiteral } from './literals';
import { show } from './values';

/** The arguments of an operator: how many it accepts as a list, and which required and optional fields it accepts as an object. */
interface Operator {
  readonly list?: readonly [from: number, to: number];
  readonly needs?: readonly string[];
  readonly may?: readonly string[];
}

const any = Number.POSITIVE_INFINITY;

function counted(from: number, to: number, words: string): [string, Operator][] {
  return words.split(/\s+/).map((name) => [`$${name}`, { list: [from, to] }]);
}

function named(names: string, needs: string, may = '', list?: readonly [number, number]): [string, Operator][] {
  const split = (words: string) => words.split(' ').filter((word) => word !== '');
  return split(names).map((name) => [`$${name}`, { needs: split(needs), may: split(may), ...(list && { list }) }]);
}

const dateParts = 'year isoWeekYear month isoWeek day isoDayOfWeek hour minute second millisecond timezone';

/** The operators of MongoDB 7.0 that are allowed in a stored filter. @see https://www.mongodb.com/docs/v7.0/reference/operator/aggregation/ */
const operators: ReadonlyMap<string, Operator> = new Map([
  ...counted(
    1,
    1,
    `abs acos acosh asin asinh atan atanh cos cosh sin sinh tan tanh degreesToRadians radiansToDegrees ceil exp floor ln log10 sqrt not
    size reverseArray isArray objectToArray arrayToObject anyElementTrue allElementsTrue strLenBytes strLenCP toLower toUpper toBool
    toDate toDecimal toDouble toInt toLong toObjectId toString type isNumber bsonSize binarySize bitNot tsSecond tsIncrement first last
    toHashedIndexKey`,
  ),
  ...counted(
    2,
    2,
    `eq ne gt gte lt lte cmp divide subtract mod pow log atan2 arrayElemAt in setDifference setIsSubset strcasecmp split`,
  ),
  ...counted(3, 3, 'substr substrBytes substrCP'),
  ...counted(1, 2, 'round trunc'),
  ...counted(2, 3, 'slice range'),
  ...counted(2, 4, 'indexOfArray indexOfBytes indexOfCP'),
  ...counted(2, any, 'ifNull setEquals'),
  ...counted(
    0,
    any,
    'add multiply and or concat concatArrays setUnion setIntersection max min avg sum stdDevPop stdDevSamp mergeObjects bitAnd bitOr bitXor',
  ),
  ...named('cond', 'if then else', '', [3, 3]),
  ...named('let', 'vars in'),
  ...named('map', 'input in', 'as'),
  ...named('filter', 'input cond', 'as limit'),
  ...named('reduce', 'input initialValue in'),
  ...named('zip', 'inputs', 'useLongestLength defaults'),
  ...named('switch', 'branches', 'default'),
  ...named('regexMatch regexFind regexFindAll', 'input regex', 'options'),
  ...named('replaceOne replaceAll', 'input find replacement'),
  ...named('trim ltrim rtrim', 'input', 'chars'),
  ...named('convert', 'input to', 'onError onNull'),
  ...named('sortArray', 'input sortBy'),
  ...named('setField', 'field input value'),
  ...named('unsetField', 'field input'),
  ...named('firstN lastN maxN minN', 'input n'),
  ...named('dateToString', 'date', 'format timezone onNull'),
  ...named('dateToParts', 'date', 'timezone iso8601'),
  ...named('dateFromString', 'dateString', 'format timezone onError onNull'),
  ...named('dateFromParts', '', dateParts),
  ...named('dateAdd dateSubtract', 'startDate unit amount', 'timezone'),
  ...named('dateDiff', 'startDate endDate unit', 'timezone startOfWeek'),
  ...named('dateTrunc', 'date unit', 'binSize timezone startOfWeek'),
  ...named('percentile', 'input p method'),
  ...named('median', 'input method'),
]);

/** Operators that accept a date, or a date and a time zone. */
const partsOfDates = new Set(
  'year month week dayOfMonth dayOfWeek dayOfYear hour minute second millisecond isoWeek isoWeekYear isoDayOfWeek'
    .split(' ')
    .map((name) => `$${name}`),
);

const forbidden: ReadonlyMap<string, string> = new Map([
  ['$rand', 'a stored filter must give the same answer each time'],
  ['$function', 'a stored filter cannot run JavaScript'],
  ['$accumulator', 'a stored filter cannot run JavaScript'],
]);

const systemVariables = ['ROOT', 'CURRENT', 'REMOVE', 'NOW', 'CLUSTER_TIME', 'USER_ROLES', 'DESCEND', 'PRUNE', 'KEEP'];

/** Yields the problems for which the server would refuse the value of `$expr`, by path. */
export function expressionProblems(expression: Plain, at: string): Generator<string> {
  return problemsIn(expression, at, new Set(systemVariables));
}

function* problemsIn(expression: Plain, at: string, variables: ReadonlySet<string>): Generator<string> {
  if (typeof expression === 'string') {
    const problem = pathProblem(expression, variables);
    if (problem !== undefined) yield `${at}: ${problem}`;
  } else if (Array.isArray(expression)) {
    for (const [index, inner] of (expression as readonly Plain[]).entries())
      yield* problemsIn(inner, `${at}[${index}]`, variables);
  } else if (isPlainObject(expression) && !isLiteral(expression)) yield* objectProblems(expression, at, variables);
}

function pathProblem(text: string, variables: ReadonlySet<string>): string | undefined {
  if (!text.startsWith('$')) return undefined;
  const [first = '', ...others] = text.replace(/^\$\$?/, '').split('.');
  if (first === '' || others.includes('')) return `${show(text)} has an empty name in its path`;
  if (others.some((name) => name.startsWith('$')) || first.startsWith('$'))
    return `${show(text)} has a name that begins with $ in its path; use $getField`;
  if (!text.startsWith('$$') || variables.has(first)) return undefined;
  return `there is no variable ${show(`$$${first}`)}${didYouMean(first, variables)}`;
}

function* objectProblems(expression: PlainObject, at: string, variables: ReadonlySet<string>): Generator<string> {
  const entries = Object.entries(expression);
  const named = entries.find(([name]) => name.startsWith('$'));
  if (named === undefined) {
    for (const [name, inner] of entries) {
      if (name === '' || name.includes('.'))
        yield `${at} has the field ${show(name)}, which an expression cannot create`;
      yield* problemsIn(inner, `${at}.${name}`, variables);
    }
    return;
  }
  if (entries.length > 1)
    yield `${at} has ${entries.map(([name]) => name).join(', ')}: an expression must have exactly one operator`;
  else yield* operatorProblems(named[0], named[1], `${at}.${named[0]}`, variables);
}

function* operatorProblems(name: string, value: Plain, at: string, variables: ReadonlySet<string>): Generator<string> {
  if (name === '$literal' || name === '$const') return;
  if (name === '$getField') {
    yield* getFieldProblems(value, at, variables);
    return;
  }
  if (partsOfDates.has(name)) {
    yield* datePartProblems(value, at, variables);
    return;
  }
  const operator = operators.get(name);
  if (operator === undefined) {
    const why = forbidden.get(name);
    const what =
      why === undefined
        ? `is not an operator of an expression${didYouMean(name, [...operators.keys(), ...partsOfDates])}`
        : `is not allowed here: ${why}`;
    yield `${at} ${what}`;
    return;
  }
  const { list, needs, may = [] } = operator;
  if (isPlainObject(value) && !isLiteral(value) && needs !== undefined) yield* namedProblems(value, at, needs, may);
  else if (list === undefined) yield `${at} needs an object with ${[...(needs ?? []), ...may].join(', ')}`;
  else {
    const count = Array.isArray(value) ? value.length : 1;
    const [from, to] = list;
    if (count < from || count > to)
      yield `${at} needs ${from === to ? from : `${from} to ${to === any ? 'any number of' : to}`} arguments, and has ${count}`;
  }
  yield* argumentProblems(name, value, at, variables);
}

function* namedProblems(
  value: PlainObject,
  at: string,
  needs: readonly string[],
  may: readonly string[],
): Generator<string> {
  const known = [...needs, ...may];
  for (const name of Object.keys(value))
    if (!known.includes(name)) yield `${at} takes no ${name}${didYouMean(name, known)}`;
  for (const name of needs) if (!(name in value)) yield `${at} needs \`${name}\``;
}

/** Yields the problems of the arguments. For some of the arguments, the operator defines further variables. */
function* argumentProblems(name: string, value: Plain, at: string, variables: ReadonlySet<string>): Generator<string> {
  if (!isPlainObject(value) || isLiteral(value)) {
    yield* problemsIn(value, at, variables);
    return;
  }
  const inside = new Set(variables);
  if (name === '$let')
    for (const variable of Object.keys(isPlainObject(value['vars']) ? value['vars'] : {})) inside.add(variable);
  if (name === '$map' || name === '$filter') inside.add(typeof value['as'] === 'string' ? value['as'] : 'this');
  if (name === '$reduce') for (const variable of ['this', 'value']) inside.add(variable);
  if (name === '$switch') {
    yield* switchProblems(value, at, variables);
    return;
  }
  if (operators.get(name)?.needs === undefined) {
    yield* problemsIn(value, at, variables);
    return;
  }
  for (const [argument, inner] of Object.entries(value)) {
    if (argument === 'as' || argument === 'sortBy') continue;
    const scope = argument === 'in' || argument === 'cond' ? inside : variables;
    if (name === '$let' && argument === 'vars' && isPlainObject(inner))
      for (const [variable, one] of Object.entries(inner)) yield* problemsIn(one, `${at}.vars.${variable}`, variables);
    else yield* problemsIn(inner, `${at}.${argument}`, scope);
  }
}

function* switchProblems(value: PlainObject, at: string, variables: ReadonlySet<string>): Generator<string> {
  const { branches } = value;
  if (!Array.isArray(branches) || branches.length === 0) yield `${at}.branches needs a list that is not empty`;
  else
    for (const [index, branch] of (branches as readonly Plain[]).entries()) {
      const place = `${at}.branches[${index}]`;
      if (!isPlainObject(branch)) yield `${place} needs an object with case, then`;
      else {
        yield* namedProblems(branch, place, ['case', 'then'], []);
        for (const [part, inner] of Object.entries(branch)) yield* problemsIn(inner, `${place}.${part}`, variables);
      }
    }
  if (value['default'] !== undefined) yield* problemsIn(value['default'], `${at}.default`, variables);
}

function* getFieldProblems(value: Plain, at: string, variables: ReadonlySet<string>): Generator<string> {
  if (!isPlainObject(value) || isLiteral(value) || Object.keys(value).some((name) => name.startsWith('$'))) return;
  yield* namedProblems(value, at, ['field', 'input'], []);
  if (value['input'] !== undefined) yield* problemsIn(value['input'], `${at}.input`, variables);
}

function* datePartProblems(value: Plain, at: string, variables: ReadonlySet<string>): Generator<string> {
  const isNamed = isPlainObject(value) && !isLiteral(value) && !Object.keys(value).some((name) => name.startsWith('$'));
  if (isNamed) yield* namedProblems(value, at, ['date'], ['timezone']);
  if (Array.isArray(value) && value.length !== 1) yield `${at} needs 1 argument, and has ${value.length}`;
  if (!isNamed) yield* problemsIn(value, at, variables);
  else for (const [name, inner] of Object.entries(value)) yield* problemsIn(inner, `${at}.${name}`, variables);
}

const switched = ['branches', 'default'];
const ofDates = ['date', 'timezone'];

/** Returns the names of the arguments that an operator accepts as an object; undefined for operators that accept an expression. */
export function namedArguments(operator: string): readonly string[] | undefined {
  if (operator === '$getField') return ['field', 'input'];
  if (operator === '$switch') return switched;
  if (partsOfDates.has(operator)) return ofDates;
  const { needs, may = [] } = operators.get(operator) ?? {};
  return needs && [...needs, ...may];
}

/** Returns whether MongoDB 7.0 has an expression operator of this name, even if a stored filter may not use it. */
export function isExpressionOperator(name: string): boolean {
  return operators.has(name) || partsOfDates.has(name) || forbidden.has(name) || others.has(name);
}

const others: ReadonlySet<string> = new Set(['$getField', '$literal', '$meta', '$sampleRate']);
