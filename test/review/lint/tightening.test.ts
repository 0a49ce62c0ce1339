import { expect, it } from 'vitest';
import { tightenings } from '../../../src/review/lint/tightening';
import type { PlainObject } from '../../../src/schema';

const schema = (of: PlainObject): PlainObject => ({ $jsonSchema: of });
const closed = { additionalProperties: false } as const;

const cases: readonly [title: string, from: PlainObject, to: PlainObject, found: readonly string[]][] = [
  [
    'a closed schema that loses a property',
    schema({ ...closed, properties: { _id: {}, a: {}, b: {} } }),
    schema({ ...closed, properties: { _id: {}, a: {} } }),
    ['no longer lists b, and allows no other fields'],
  ],
  [
    'an open one that loses a property',
    schema({ properties: { a: {}, b: {} } }),
    schema({ properties: { a: {} } }),
    [],
  ],
  [
    'a closed schema that loses a property which a pattern of both allows',
    schema({ ...closed, properties: { _id: {}, ab: {} }, patternProperties: { '^a': {} } }),
    schema({ ...closed, properties: { _id: {} }, patternProperties: { '^a': {} } }),
    [],
  ],
  [
    'a closed schema that gets a property with rules',
    schema({ ...closed, properties: { _id: {} } }),
    schema({ ...closed, properties: { _id: {}, a: { bsonType: 'int' } } }),
    [],
  ],
  [
    'a property that leaves its rules to those of all others',
    schema({ additionalProperties: { minItems: 2 }, properties: { a: { minItems: 1 }, b: { minItems: 3 } } }),
    schema({ additionalProperties: { minItems: 2 } }),
    ['narrows minItems of a'],
  ],
  [
    'a schema that is opened to some',
    schema({ ...closed, properties: { _id: {} } }),
    schema({ additionalProperties: { bsonType: 'int' }, properties: { _id: {} } }),
    [],
  ],
  [
    'every number in place of one type of number',
    schema({ properties: { a: { bsonType: 'int' } } }),
    schema({ properties: { a: { bsonType: 'number' } } }),
    [],
  ],
  [
    'one type of number in place of every number',
    schema({ properties: { a: { bsonType: 'number' } } }),
    schema({ properties: { a: { bsonType: ['int', 'long'] } } }),
    ['narrows bsonType of a'],
  ],
  [
    'a number beside its text in an enum',
    schema({ properties: { a: { enum: ['1', 1] } } }),
    schema({ properties: { a: { enum: ['1'] } } }),
    ['narrows enum of a'],
  ],
  ['a condition that is dropped', { a: 1, b: 2 }, { a: 1 }, []],
  ['a condition that is added', { a: 1 }, { a: 1, b: 2 }, ['sets the conditions b']],
];

it.each(cases)('%s', (_title, from, to, found) => {
  expect(tightenings({ validator: from }, { validator: to }).map(({ what }) => what)).toEqual(found);
});
