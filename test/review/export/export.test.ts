import { describe, expect, it } from 'vitest';
import { exportFormats } from '../../../src/review';
import type { PlainObject, Schema } from '../../../src/schema';

function sourcesOf(validators: Readonly<Record<string, PlainObject>>) {
  const contents = (validator: PlainObject) => ({ options: {}, indexes: {}, documents: {}, validator: { validator } });
  const schema = Object.fromEntries(Object.entries(validators).map(([name, one]) => [name, contents(one)]));
  return {
    schema: schema as unknown as Schema,
    migrations: [],
    typeName: (name: string) => name.charAt(0).toUpperCase() + name.slice(1),
    urn: 'shop',
    python: '',
  };
}

const things = (properties: PlainObject, others: PlainObject = {}) =>
  sourcesOf({ things: { $jsonSchema: { bsonType: 'object', properties, ...others } } });
const jsonSchemaOf = (...schema: Parameters<typeof things>) =>
  JSON.parse(exportFormats['json-schema'].files(things(...schema))[0]?.text ?? '') as PlainObject;
const typesOf = (...schema: Parameters<typeof things>) => exportFormats.typescript.files(things(...schema))[0]?.text;

describe('A JSON Schema', () => {
  it('wants an _id only where the driver makes none', () => {
    expect(jsonSchemaOf({ _id: { bsonType: 'objectId' } }, { required: ['_id'] })['required']).toBeUndefined();
    expect(jsonSchemaOf({ a: {} }, { required: ['_id', 'a'] })['required']).toEqual(['a']);
    expect(jsonSchemaOf({ _id: { bsonType: 'string' } })).toMatchObject({
      required: ['_id'],
      description: 'A document of things, stored or to be inserted.',
    });
  });

  it('says of each number how MongoDB stores it, and needs no bounds, since JSON has no infinities', () => {
    const { properties, $defs } = jsonSchemaOf({
      a: { bsonType: 'int', minimum: 1 },
      b: { bsonType: 'long' },
      c: { bsonType: 'double', maximum: 2 },
      d: { bsonType: 'number' },
    });
    expect(properties).toEqual({
      a: { $ref: '#/$defs/int', minimum: 1 },
      b: { $ref: '#/$defs/long' },
      c: { $ref: '#/$defs/double', maximum: 2 },
      d: { type: 'number' },
    });
    expect(Object.keys($defs as object)).toEqual(['int', 'long', 'double']);
  });

  it('has the title and the description of the validator, and of each place', () => {
    const { title, description, properties } = jsonSchemaOf(
      { a: { bsonType: 'bool', description: 'Whether.' } },
      { title: 'A thing', description: 'What there is.' },
    );
    expect({ title, description, properties }).toEqual({
      title: 'A thing',
      description: 'What there is.',
      properties: { a: { description: 'Whether.', type: 'boolean' } },
    });
  });

  it('is not written for a list of dates that may not repeat: each date is several texts', () => {
    const at = { bsonType: 'object', properties: { at: { bsonType: 'date' } } };
    expect(() => jsonSchemaOf({ days: { bsonType: 'array', uniqueItems: true, items: at } })).toThrow(
      /No JSON Schema can be generated for things \(MODELS\)\n +why +things\.days has uniqueItems: JSON can write one date/,
    );
  });

  it('has a file that any collection can have, whatever its name is', () => {
    const files = exportFormats['json-schema'].files(sourcesOf({ 'a/b c': { $jsonSchema: { bsonType: 'object' } } }));
    expect(files.map(({ name }) => name)).toEqual(['a%2Fb%20c.schema.json']);
    expect(JSON.parse(files[0]?.text ?? '')).toMatchObject({ $id: 'urn:shop:a%2Fb%20c' });
  });
});

describe('The types in TypeScript', () => {
  it('take the classes with which the driver stores a number in a type of its own', () => {
    const text = typesOf({ a: { bsonType: 'long' }, b: { bsonType: ['double', 'null'] }, c: { bsonType: 'number' } });
    expect(text).toContain("import type { Decimal128, Double, Long } from 'mongodb';");
    expect(text).toContain('  a?: number | Long;\n  b?: number | Double | null;\n  c?: number | Decimal128;\n');
  });

  it('want an _id to insert only where the driver makes none', () => {
    expect(typesOf({})).toContain("export type NewThings = Omit<Things, '_id'> & { _id?: Things['_id'] };");
    expect(typesOf({ _id: { bsonType: 'string' } })).toContain('  _id: string;\n}');
    expect(typesOf({ _id: { bsonType: 'string' } })).toContain('export type NewThings = Things;');
  });

  it('write what is no name in quotes, and no text of the validator ends a comment or a quote', () => {
    const text = typesOf({
      'a b': { bsonType: 'string', enum: ["it's", 'a "b"', '\\'], description: 'One */ of\nthese' },
    });
    expect(text).toContain(`  /** One * / of these */\n  'a b'?: 'it\\'s' | 'a "b"' | '\\\\';\n`);
  });

  it('give two types of one name each its own', () => {
    const text = typesOf({
      a: { bsonType: 'object', properties: { b: { bsonType: 'object', required: ['x'] } } },
      'a.b': { bsonType: 'object', required: ['x'] },
    });
    expect(text).toMatch(/a\?: ThingsA;\n {2}'a\.b'\?: ThingsABModel;/);
  });
});
