import { describe, expect, it } from 'vitest';
import { pythonModels } from '../../../src/review/python/models-file';
import type { PlainObject, Schema } from '../../../src/schema';

const typeName = (collection: string) => collection.charAt(0).toUpperCase() + collection.slice(1);

function sourcesOf(collections: Readonly<Record<string, PlainObject | undefined>>) {
  const schema: Schema = Object.fromEntries(
    Object.entries(collections).map(([name, validator]) => [
      name,
      { options: {}, indexes: {}, documents: {}, ...(validator && { validator: { validator } }) },
    ]),
  );
  return { schema, migrations: [{ name: '20260101000000-things.ts' }] };
}

const modelsOf = (properties: PlainObject, others: PlainObject = {}) =>
  pythonModels(sourcesOf({ things: { $jsonSchema: { bsonType: 'object', properties, ...others } } }), typeName);

describe('The models in Python', () => {
  it('are those of the collections that have a validator, and import what they use alone', () => {
    const text = pythonModels(
      sourcesOf({
        b: { $jsonSchema: { bsonType: 'object', properties: { _id: { bsonType: 'objectId' } } } },
        a: undefined,
      }),
      typeName,
    );
    expect(text).toMatch(/MODELS: .* = {\n {4}"b": B,\n}/);
    expect(text).toMatch(/MIGRATIONS: Final = \(\n {4}"20260101000000-things.ts",\n\)/);
    expect(text).not.toMatch(/Annotated|Literal|Any\b|ClosedDocument/);
  });

  it('have the names of the fields where Python and Pydantic let them, and aliases elsewhere', () => {
    const string = { bsonType: 'string' };
    const text = modelsOf({
      class: string,
      class_: string,
      'a b': string,
      'a-b': string,
      json: string,
      '1': string,
      list: string,
    });
    const names = [...text.matchAll(/^ {4}(\w+): .*alias="([^"]+)"/gm)].map(([, name, alias]) => [alias, name]);
    expect(Object.fromEntries(names)).toMatchObject({
      class: 'class__',
      'a b': 'a_b',
      'a-b': 'a_b_',
      json: 'json_',
      '1': 'field_1',
      list: 'list_',
    });
    expect(text).toMatch(/^ {4}class_: Annotated\[str, _v.Text\(\)\] \| MISSING = MISSING$/m);
  });

  it('have a class for each object, by its path, before what uses it', () => {
    const inner = { bsonType: 'object', properties: { at: { bsonType: 'date' } } };
    const text = modelsOf({ last: inner, all: { bsonType: 'array', items: inner } });
    const classes = [...text.matchAll(/^class (\w+)\((\w+)\)/gm)].map(([, name, base]) => `${name}(${base})`);
    expect(classes).toEqual([
      'ThingsLast(Document)',
      'ThingsAllItem(Document)',
      'ThingsFields(Document)',
      'Things(ThingsFields)',
      'NewThings(ThingsFields)',
    ]);
  });

  const number = { bsonType: 'number', minimum: 0, maximum: 1, not: { bsonType: 'decimal' } };
  it.each<[string, PlainObject, string, string]>([
    ['a keyword', { a: { bsonType: 'object', maxProperties: 1 } }, 'things.a', 'maxProperties'],
    ['a keyword of another type', { a: { bsonType: 'date', minLength: 1 } }, 'things.a', 'minLength'],
    ['a keyword without a type', { a: { minLength: 1 } }, 'things.a', 'bsonType'],
    ['a type', { a: { bsonType: 'object', properties: { b: { bsonType: 'decimal' } } } }, 'things.a.b', 'bsonType'],
    ['a type within a list', { a: { bsonType: 'array', items: { bsonType: 'timestamp' } } }, 'things.a[]', 'bsonType'],
    ['a list with a schema for each place', { a: { bsonType: 'array', items: [] } }, 'things.a', 'items'],
    ['a number that may be a decimal', { a: { ...number, not: { bsonType: 'int' } } }, 'things.a', 'not'],
    ['a number without a bound', { a: { bsonType: 'double', minimum: 1 } }, 'things.a', 'maximum'],
    ['another multiple', { a: { ...number, multipleOf: 0.5 } }, 'things.a', 'multipleOf'],
    ['a bound that is left out', { a: { ...number, exclusiveMinimum: true } }, 'things.a', 'exclusiveMinimum'],
    ['a choice of numbers', { a: { bsonType: 'string', enum: ['a', 1] } }, 'things.a', 'enum'],
    [
      'a pattern that each reads in its own way',
      { a: { bsonType: 'string', pattern: '^\\w$' } },
      'things.a',
      'pattern',
    ],
    ['a choice beside a pattern', { a: { bsonType: 'string', enum: ['a'], pattern: 'a' } }, 'things.a', 'enum'],
    ['a choice of nothing', { a: { bsonType: 'null', enum: ['a'] } }, 'things.a', 'enum'],
    ['fields by a schema', { a: { bsonType: 'object', additionalProperties: {} } }, 'things.a', 'additionalProperties'],
  ])('are not generated for %s', (_, properties, place, keyword) => {
    const words = new RegExp(
      `for things \\(MODELS\\)\\n +why +${place.replace(/[.[\]]/g, '\\$&')} has ${keyword}: .+\\n +fix +\\w`,
    );
    expect(() => modelsOf(properties)).toThrow(words);
  });

  it('are not generated for a validator that is more than a schema', () => {
    const both = { $jsonSchema: { bsonType: 'object' }, $expr: { $lt: ['$a', '$b'] } };
    expect(() => pythonModels(sourcesOf({ things: both }), typeName)).toThrow(/things has \$expr/);
    expect(() => modelsOf({}, { dependencies: {} })).toThrow(/things has dependencies/);
    expect(() => modelsOf({}, { additionalProperties: false })).toThrow(/things has additionalProperties: .*_id/);
  });
});
