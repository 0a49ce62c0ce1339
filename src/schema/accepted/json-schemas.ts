import { didYouMean } from '../../support/nearest';
import { isPlainObject } from '../plain';
import { sortNames } from '../sorting';
import type { Plain, PlainObject } from '../schema';
import { encryptMetadataProblem, encryptProblem } from './encryption';
import { numberIn, regExpIn } from './literals';
import { patternProblem } from './patterns';
import { bsonTypeProblem, jsonTypes } from './types';
import { isWhole, show, unknownAdvice } from './values';

/** Yields the problems with the value of a keyword, by path. `schema` is the enclosing schema. */
type Check = (value: Plain, at: string, schema: PlainObject) => Iterable<string>;

function takes(words: string, isTaken: (value: Plain) => boolean): Check {
  return (value, at) => (isTaken(value) ? [] : [`${at} needs ${words}, and is ${show(value)}`]);
}

const text = takes('a text', (value) => typeof value === 'string');
const flag = takes('true or false', (value) => typeof value === 'boolean');
const number = takes('a number', (value) => numberIn(value) !== undefined);
/** A count, which the server stores in 64 bits. */
const count = takes('a whole number of at least 0', (value) => isWhole(value) && value >= 0 && value < 2 ** 63);

const exclusive =
  (limit: 'minimum' | 'maximum'): Check =>
  (value, at, schema) => {
    if (schema[limit] === undefined || typeof value !== 'boolean')
      return [
        `${at} must be true or false, together with ${limit}: \`${limit}: ${typeof value === 'number' ? value : 0}, ${nameOf(at)}: true\``,
      ];
    return [];
  };

function nameOf(at: string): string {
  return at.slice(at.lastIndexOf('.') + 1);
}

const strings = (value: Plain): value is readonly string[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'string');

function* names(value: Plain, at: string): Generator<string> {
  if (!strings(value)) yield `${at} needs a list of names, and is ${show(value)}`;
  else if (value.length === 0) yield `${at} is empty: name a field, or leave it out`;
  else if (new Set(value).size < value.length) yield `${at} names ${twice(value) ?? 'one'} twice`;
}

function twice(items: readonly string[]): string | undefined {
  return items.find((item, index) => items.indexOf(item) !== index);
}

function* typeNames(value: Plain, at: string, problemOf: (name: string) => string | undefined): Generator<string> {
  const list = typeof value === 'string' ? [value] : value;
  if (!strings(list)) yield `${at} needs the name of a type, or a list of them, and is ${show(value)}`;
  else if (list.length === 0) yield `${at} is empty: name a type, or leave it out`;
  else if (new Set(list).size < list.length) yield `${at} names ${twice(list) ?? 'one'} twice`;
  else for (const name of list) yield* problemOf(name) === undefined ? [] : [`${at}: ${problemOf(name) ?? ''}`];
}

function bsonTypeInSchema(name: string): string | undefined {
  if (name === 'integer') return "there is no type integer: write bsonType: 'number', multipleOf: 1";
  return bsonTypeProblem(name);
}

function jsonTypeProblem(name: string): string | undefined {
  if (jsonTypes.has(name)) return undefined;
  const isBson = bsonTypeProblem(name) === undefined;
  return `${show(name)} is not a JSON type${isBson ? `; write bsonType: '${name}'` : didYouMean(name, jsonTypes)}`;
}

function* bySchema(value: Plain, at: string): Generator<string> {
  yield* schemaProblems(value, at);
}

function* byName(value: Plain, at: string): Generator<string> {
  if (!isPlainObject(value)) yield `${at} needs schemas by name, and is ${show(value)}`;
  else for (const [name, inner] of Object.entries(value)) yield* schemaProblems(inner, `${at}.${name}`);
}

function* byPattern(value: Plain, at: string): Generator<string> {
  yield* byName(value, at);
  for (const pattern of isPlainObject(value) ? Object.keys(value) : []) {
    const problem = patternProblem(pattern);
    if (problem !== undefined) yield `${at} has the pattern ${show(pattern)}: ${problem}`;
  }
}

const listOfSchemas: Check = function* (value, at) {
  if (!Array.isArray(value) || value.length === 0) yield `${at} needs a list of schemas that is not empty`;
  else
    for (const [index, inner] of (value as readonly Plain[]).entries()) yield* schemaProblems(inner, `${at}[${index}]`);
};

const schemaOrFlag: Check = (value, at) => (typeof value === 'boolean' ? [] : bySchema(value, at));

/** The keywords that MongoDB 7.0 knows. @see https://www.mongodb.com/docs/v7.0/reference/operator/query/jsonSchema/ */
const keywords: Readonly<Record<string, Check>> = {
  bsonType: (value, at) => typeNames(value, at, bsonTypeInSchema),
  type: function* (value, at, schema) {
    if (schema['bsonType'] !== undefined) yield `${at} cannot be used together with bsonType: keep one of them`;
    const isInteger = value === 'integer' || (Array.isArray(value) && value.includes('integer'));
    if (isInteger)
      yield `${at} is ${value === 'integer' ? '"integer"' : show(value)} (use bsonType: 'number', multipleOf: 1)`;
    else yield* typeNames(value, at, jsonTypeProblem);
  },
  enum: function* (value, at) {
    if (!Array.isArray(value)) yield `${at} needs a list of values, and is ${show(value)}`;
    else if (value.length === 0) yield `${at} is empty: no value could ever match`;
    else {
      // The server compares values, and ignores the order of an object's fields.
      const double = twice((value as readonly Plain[]).map((one) => JSON.stringify(sortNames(one))));
      if (double !== undefined) yield `${at} has ${double} twice`;
    }
  },
  required: names,
  properties: byName,
  patternProperties: byPattern,
  additionalProperties: schemaOrFlag,
  minProperties: count,
  maxProperties: count,
  dependencies: function* (value, at) {
    if (!isPlainObject(value)) yield `${at} needs names of fields, or a schema, by name, and is ${show(value)}`;
    else
      for (const [name, inner] of Object.entries(value))
        yield* Array.isArray(inner) ? names(inner, `${at}.${name}`) : schemaProblems(inner, `${at}.${name}`);
  },
  items: function* (value, at) {
    if (!Array.isArray(value)) yield* schemaProblems(value, at);
    else
      for (const [index, inner] of (value as readonly Plain[]).entries())
        yield* schemaProblems(inner, `${at}[${index}]`);
  },
  additionalItems: schemaOrFlag,
  minItems: count,
  maxItems: count,
  uniqueItems: flag,
  minLength: count,
  maxLength: count,
  pattern: function* (value, at) {
    if (typeof value !== 'string') {
      yield `${at} needs a text, and is ${regExpIn(value) ? 'a RegExp: write its source' : show(value)}`;
      return;
    }
    const problem = patternProblem(value);
    if (problem !== undefined) yield `${at}: ${problem}`;
  },
  minimum: number,
  maximum: number,
  exclusiveMinimum: exclusive('minimum'),
  exclusiveMaximum: exclusive('maximum'),
  multipleOf: takes('a number above 0', (value) => {
    const found = numberIn(value);
    return found !== undefined && Number.isFinite(found) && found > 0;
  }),
  not: bySchema,
  allOf: listOfSchemas,
  anyOf: listOfSchemas,
  oneOf: listOfSchemas,
  title: text,
  description: text,
  encrypt: function* (value, at, schema) {
    const other = ['type', 'bsonType', 'encryptMetadata'].find((name) => schema[name] !== undefined);
    if (other !== undefined) yield `${at} cannot be used together with ${other}`;
    const problem = encryptProblem(value);
    if (problem !== undefined) yield `${at} ${problem}`;
  },
  encryptMetadata: function* (value, at) {
    const problem = encryptMetadataProblem(value);
    if (problem !== undefined) yield `${at} ${problem}`;
  },
};

/** Keywords of JSON Schema and its extensions that MongoDB does not support, each with what to write instead. */
const advice: ReadonlyMap<string, string> = new Map([
  ['$ref', 'write the schema out in its place'],
  ['$schema', 'leave it out'],
  ['$comment', 'write `description`'],
  ['$defs', 'write each schema out in its place'],
  ['comment', 'write `description`'],
  ['contains', 'use `not: { items: { not: … } }`'],
  ['const', 'use enum with one value'],
  ['default', 'leave it out: validators do not fill in values'],
  ['definitions', 'write each schema out in its place'],
  ['deprecated', 'leave it out'],
  ['else', 'use anyOf'],
  ['example', 'leave it out'],
  ['examples', 'leave it out'],
  ['format', 'use pattern'],
  ['id', 'leave it out'],
  ['$id', 'leave it out'],
  ['if', 'use anyOf'],
  ['nullable', "write bsonType: ['string', 'null']"],
  ['propertyNames', 'use patternProperties and `additionalProperties: false`'],
  ['readOnly', 'leave it out'],
  ['then', 'use anyOf'],
  ['unevaluatedProperties', 'use `additionalProperties: false`'],
  ['writeOnly', 'leave it out'],
]);

function* schemaProblems(schema: Plain, at: string): Generator<string> {
  if (!isPlainObject(schema)) {
    yield `${at} needs a schema, which is an object, and is ${show(schema)}`;
    return;
  }
  for (const [name, value] of Object.entries(schema)) {
    const check = Object.hasOwn(keywords, name) ? keywords[name] : undefined;
    if (check) yield* check(value, `${at}.${name}`, schema);
    else {
      const known = advice.get(name);
      const what = `${at}.${name} is not a keyword of MongoDB's $jsonSchema`;
      yield known === undefined ? `${what}${unknownAdvice(name, keywords, advice)}` : `${what} (${known})`;
    }
  }
}

/** Yields, by path, the problems for which the server would refuse a `$jsonSchema`, or would refuse all documents because of the schema. */
export function* jsonSchemaProblems(schema: Plain, at: string): Generator<string> {
  yield* schemaProblems(schema, at);
  yield* forgottenIds(schema, at);
}

/** Every document has an `_id`. So a schema that allows no additional properties must list `_id`, or else it refuses all documents. */
function* forgottenIds(schema: Plain, at: string): Generator<string> {
  if (!isPlainObject(schema)) return;
  const { additionalProperties, properties = {}, patternProperties = {} } = schema;
  if (additionalProperties === false && !allowsId(properties, patternProperties))
    yield `${at}.additionalProperties is false, but properties has no _id, which every document has: add \`_id: {}\``;
  for (const list of ['allOf', 'anyOf', 'oneOf']) {
    const inner = schema[list];
    if (!Array.isArray(inner)) continue;
    for (const [index, one] of (inner as readonly Plain[]).entries())
      yield* forgottenIds(one, `${at}.${list}[${index}]`);
  }
}

function allowsId(properties: Plain, patternProperties: Plain): boolean {
  if (isPlainObject(properties) && Object.hasOwn(properties, '_id')) return true;
  return isPlainObject(patternProperties) && Object.keys(patternProperties).some(mayMatchId);
}

/** Returns whether a pattern may match `_id`. Patterns that only the server understands are assumed to match. */
function mayMatchId(pattern: string): boolean {
  try {
    return new RegExp(pattern, 'u').test('_id');
  } catch {
    return true;
  }
}
