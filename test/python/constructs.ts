import type { Db } from 'mongodb';
import { pythonModels } from '../../src/review/python/models-file';
import type { PlainObject } from '../../src/schema';
import type { JsonSchema } from '../models/json-schema';
import { type Edit } from './python';

export const collection = 'constructs';

/** A validator with every construct that the generator knows, also those that no collection of the product has. */
export const everyConstruct = {
  bsonType: 'object',
  required: ['_id', 'long', 'unruled', 'class', 'model_name'],
  properties: {
    _id: { bsonType: 'objectId' },
    int: { bsonType: 'int' },
    small: { bsonType: 'int', minimum: -5, maximum: 5 },
    long: { bsonType: 'long', minimum: -5, maximum: 2 ** 40 },
    double: { bsonType: 'double', minimum: -1.5, maximum: 1e9 },
    'int or double': { bsonType: ['int', 'double'], minimum: 0, maximum: 10 },
    'int or long': { bsonType: ['int', 'long'] },
    'whole or text': {
      bsonType: ['number', 'string'],
      minimum: -1e15,
      maximum: 1e15,
      multipleOf: 1,
      not: { bsonType: 'decimal' },
      minLength: 1,
      maxLength: 3,
    },
    share: { bsonType: 'number', minimum: 0, maximum: 1, not: { bsonType: 'decimal' } },
    choice: { bsonType: ['string', 'null'], enum: ['a', 'b', null] },
    plain: { bsonType: ['string', 'null'], enum: ['a', 'b'] },
    class: { bsonType: 'string', pattern: '^(?:[^a\\]]|\\x41{2,3}|é+?)*(?!\\n)$' },
    search: { bsonType: 'string', pattern: 'b(?=c)|(?!\\n)$|^\\.', maxLength: 20 },
    model_name: { bsonType: ['bool', 'date', 'objectId', 'null'], description: 'Says "what" it is: \\ and {}' },
    schema: { bsonType: 'array', minItems: 1, maxItems: 3, uniqueItems: true },
    numbers: {
      bsonType: 'array',
      uniqueItems: true,
      items: { bsonType: ['int', 'double', 'bool'], minimum: -10, maximum: 10 },
    },
    objects: { bsonType: 'array', uniqueItems: true, items: { bsonType: 'object' } },
    nested: {
      bsonType: 'array',
      items: { bsonType: 'array', uniqueItems: true, items: { bsonType: ['array', 'null'] } },
    },
    closed: {
      bsonType: ['object', 'null'],
      additionalProperties: false,
      required: ['list'],
      properties: {
        list: { bsonType: 'array', items: { bsonType: 'object', properties: { x: { bsonType: 'date' } } } },
        any: {},
      },
    },
    empty: { bsonType: 'object', additionalProperties: false },
    note: { title: 'Anything' },
  },
} as const;

/** Makes the collection on the server. */
export async function createConstructs(db: Db): Promise<JsonSchema> {
  await db.createCollection(collection, { validator: { $jsonSchema: everyConstruct } });
  return { ...everyConstruct, properties: drawable() } as unknown as JsonSchema;
}

/** The places that documents are drawn for: those with a type. */
function drawable() {
  const { note: _note, empty: _empty, ...others } = everyConstruct.properties;
  const { any: _any, ...closed } = others.closed.properties;
  const item = { bsonType: ['int', 'double', 'bool', 'object', 'string'], minimum: -3, maximum: 3 };
  return {
    ...others,
    unruled: { bsonType: ['int', 'null'] },
    schema: { ...others.schema, items: item },
    nested: { ...others.nested, items: { ...others.nested.items, items: { bsonType: 'array', items: item } } },
    closed: { ...others.closed, bsonType: 'object', properties: closed },
    plain: { bsonType: 'string', enum: others.plain.enum },
    // Not drawn from the pattern: fast-check knows no lookahead.
    class: { bsonType: 'string', enum: ['b', 'é', 'AA', ''] },
    search: { bsonType: 'string', enum: ['abc', 'b', 'bc\n'] },
  };
}

/** Puts models of this validator in place of those of the product. */
export function modelsOfConstructs(): Edit {
  const contents = {
    options: {},
    indexes: {},
    documents: {},
    validator: { validator: { $jsonSchema: everyConstruct } },
  };
  const schema = { [collection]: contents } as unknown as Readonly<Record<string, PlainObject>>;
  return {
    file: 'models.py',
    from: /^[^]*$/,
    to: pythonModels({ schema, migrations: [] }, () => 'Construct'),
  };
}
