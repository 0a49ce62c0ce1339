import type { Document } from 'mongodb';

/** Keywords of JSON Schema that MongoDB's $jsonSchema (draft 4 with bsonType) refuses or does not know, and what to write. */
const unknownKeywords: Readonly<Record<string, string>> = {
  $ref: 'write the schema out in its place',
  $schema: 'leave it out',
  default: 'leave it out: validators do not fill in values',
  definitions: 'write each schema out in its place',
  format: 'use pattern',
  id: 'leave it out',
  $id: 'leave it out',
  const: 'use enum with one value',
  examples: 'leave it out',
  if: 'use anyOf',
};

/** Keywords whose value is a schema, an array of schemas, or schemas by name. */
const schemas = new Set(['items', 'additionalItems', 'additionalProperties', 'not', 'allOf', 'anyOf', 'oneOf']);
const schemasByName = new Set(['properties', 'patternProperties', 'dependencies']);

/** @throws Error with every keyword in the validator's $jsonSchema that the server would refuse. */
export function checkJsonSchema(collection: string, validator: Document): void {
  const problems = [...problemsIn(validator, '')];
  if (problems.length > 0) throw new Error(`The validator of ${collection}: ${problems.join('; ')}.`);
}

/** Looks for $jsonSchema at any depth: it may stand beside other conditions, under $and and the like. */
function* problemsIn(expression: unknown, path: string): Generator<string> {
  if (typeof expression !== 'object' || expression === null) return;
  for (const [name, value] of Object.entries(expression)) {
    const at = path ? `${path}.${name}` : name;
    yield* name === '$jsonSchema' ? problemsOf(value, at) : problemsIn(value, at);
  }
}

function* problemsOf(schema: unknown, path: string): Generator<string> {
  if (Array.isArray(schema)) for (const [at, inner] of schema.entries()) yield* problemsOf(inner, `${path}[${at}]`);
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) return;
  for (const [keyword, value] of Object.entries(schema as Document)) {
    const advice = unknownKeywords[keyword];
    if (advice) yield `${path}.${keyword} is no keyword of MongoDB's $jsonSchema (${advice})`;
    if (keyword === 'type' && value === 'integer')
      yield `${path}.type is "integer" (use bsonType: 'number', multipleOf: 1)`;
    if (schemas.has(keyword)) yield* problemsOf(value, `${path}.${keyword}`);
    if (!schemasByName.has(keyword)) continue;
    for (const [name, inner] of Object.entries(value as Document))
      yield* problemsOf(inner, `${path}.${keyword}.${name}`);
  }
}
