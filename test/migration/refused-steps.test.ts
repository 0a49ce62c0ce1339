import { Long } from 'mongodb';
import { describe, expect, it } from 'vitest';
import {
  addValidator,
  changeTtl,
  changeValidator,
  createCollections,
  createIndexes,
  dropIndexes,
  insertDocuments,
  removeValidator,
  type SchemaStep,
} from '../../src/migration';

const names: readonly (readonly [name: string, problem: string])[] = [
  ['', 'it is empty'],
  ['__proto__', 'JavaScript gives it a meaning of its own'],
  ['system.profile', 'names that start with "system." belong to the server'],
  ['.users', 'it starts with a dot'],
  ['us$ers', 'it contains "$" or a null character'],
  ['us\0ers', 'it contains "$" or a null character'],
  ['changelog', 'the migrations keep their own records in it'],
  ['changelog_lock', 'the migrations keep their own records in it'],
  ['schema_history', 'the migrations keep their own records in it'],
  ['schema_lock', 'the migrations keep their own records in it'],
];

const validator = { validator: { a: 1 } };
const verbs: Readonly<Record<string, (name: string) => SchemaStep>> = {
  createCollections: (name) => createCollections(name),
  createIndexes: (name) => createIndexes(name, []),
  dropIndexes: (name) => dropIndexes(name, []),
  changeTtl: (name) => changeTtl(name, 'a_1', { from: 1, to: 2 }),
  addValidator: (name) => addValidator(name, { a: 1 }),
  changeValidator: (name) => changeValidator(name, { from: validator, to: validator }),
  removeValidator: (name) => removeValidator(name, validator),
  insertDocuments: (name) => insertDocuments(name, []),
};

describe.each(Object.entries(verbs))('%s', (_verb, run) => {
  it.each(names)('refuses the collection name %j', (name, problem) => {
    expect(() => run(name)).toThrow(`"${name}" cannot name a collection: ${problem}.`);
  });

  it('takes names that only look like those', () => {
    for (const name of ['systems', 'constructor', 'my.system.x', 'changelogs'])
      expect(run(name).describe).toHaveLength(1);
  });
});

describe('createCollections', () => {
  it.each([
    ['validator', {}, 'use addValidator'],
    ['validationLevel', 'off', 'use addValidator'],
    ['validationAction', 'warn', 'use addValidator'],
    ['viewOn', 'users', 'views are no part of the schema'],
    ['pipeline', [], 'views are no part of the schema'],
    ['timeseries', { timeField: 'at' }, 'time series are no part of the schema'],
    ['idIndex', {}, 'every collection has the same index on _id'],
  ])('takes no %s', (option, value, advice) => {
    expect(() => createCollections({ name: 'events', [option]: value })).toThrow(
      `createCollections takes no ${option} (collection events): ${advice}.`,
    );
  });

  it.each<[title: string, options: object, message: string]>([
    ['a size without capped', { size: 4096 }, 'has a size or max, which need `capped: true`'],
    ['a max without capped', { capped: false, max: 5 }, 'has a size or max, which need `capped: true`'],
    ['capped without a size', { capped: true }, 'is capped, so it needs a size: a whole number of bytes from 1'],
    ['a size of nothing', { capped: true, size: 0 }, 'is capped, so it needs a size: a whole number of bytes from 1'],
    ['half a byte', { capped: true, size: 0.5 }, 'is capped, so it needs a size: a whole number of bytes from 1'],
    [
      'no documents',
      { capped: true, size: 1, max: 0 },
      'is capped at 0 documents; the server would take that for no limit',
    ],
  ])('refuses %s', (_title, options, message) => {
    expect(() => createCollections({ name: 'events', ...options })).toThrow(`The collection events ${message}.`);
  });

  it('refuses a collation that is not written out in full', () => {
    expect(() => createCollections({ name: 'events', collation: { locale: 'de', strength: 1 } })).toThrow(
      'The collection events has a collation without caseLevel, caseFirst, numericOrdering, alternate,',
    );
  });
});

describe('A validator is refused', () => {
  const refusal = (schema: object) => () => addValidator('users', { $jsonSchema: schema });
  const keywords = ['$ref', '$schema', 'default', 'definitions', 'format', 'id', '$id', 'const', 'examples', 'if'];

  it.each(keywords)('with the keyword %s, which MongoDB does not know', (keyword) => {
    expect(refusal({ properties: { a: { [keyword]: 'x' } } })).toThrow(
      `The validator of users: $jsonSchema.properties.a.${keyword} is no keyword of MongoDB's $jsonSchema (`,
    );
  });

  it('with the type integer', () => {
    expect(refusal({ properties: { a: { type: 'integer' } } })).toThrow(
      `$jsonSchema.properties.a.type is "integer" (use bsonType: 'number', multipleOf: 1)`,
    );
  });

  it.each(['items', 'additionalItems', 'additionalProperties', 'not'])('with one of them below %s', (keyword) => {
    expect(refusal({ [keyword]: { format: 'email' } })).toThrow(`$jsonSchema.${keyword}.format is no keyword`);
  });

  it.each(['allOf', 'anyOf', 'oneOf', 'items'])('with one of them in the list of %s', (keyword) => {
    expect(refusal({ [keyword]: [{}, { const: 1 }] })).toThrow(`$jsonSchema.${keyword}[1].const is no keyword`);
  });

  it.each(['patternProperties', 'dependencies'])('with one of them by name in %s', (keyword) => {
    expect(refusal({ [keyword]: { a: { default: 1 } } })).toThrow(`$jsonSchema.${keyword}.a.default is no keyword`);
  });

  it('with all of its problems at once', () => {
    expect(refusal({ default: 1, properties: { a: { format: 'date' } } })).toThrow(
      "The validator of users: $jsonSchema.default is no keyword of MongoDB's $jsonSchema (leave it out: validators do " +
        "not fill in values); $jsonSchema.properties.a.format is no keyword of MongoDB's $jsonSchema (use pattern).",
    );
  });

  it('when it is empty', () => {
    expect(() => addValidator('users', {})).toThrow('The validator of users is empty.');
  });

  it('on either side of a change, and when it is taken away', () => {
    const wrong = { validator: { $jsonSchema: { format: 'x' } } };
    expect(() => changeValidator('users', { from: wrong, to: validator })).toThrow('$jsonSchema.format');
    expect(() => changeValidator('users', { from: validator, to: wrong })).toThrow('$jsonSchema.format');
    expect(() => removeValidator('users', wrong)).toThrow('$jsonSchema.format');
  });

  it('for no field that is only named like a keyword', () => {
    const properties = { format: { bsonType: 'string' }, id: {}, default: {}, type: { enum: ['integer'] } };
    expect(refusal({ properties, required: ['format'], dependencies: { a: ['id'] } })).not.toThrow();
  });
});

describe('insertDocuments', () => {
  it('refuses a document without an _id', () => {
    expect(() => insertDocuments('presets', [{ _id: 1 }, { name: 'b' }])).toThrow(
      'Document 2 for presets has no _id: give it a fixed one.',
    );
  });

  it.each([
    ['a number', { _id: 1, limits: { runs: 2 ** 53 } }, 'limits.runs is 9007199254740992'],
    ['a long', { _id: 1, at: [Long.fromString('9007199254740993')] }, 'at.0 is 9007199254740992'],
    ['an _id', { _id: Long.MAX_VALUE }, '_id is 9223372036854776000'],
  ])('refuses %s that a double cannot hold exactly', (_title, document, message) => {
    expect(() => insertDocuments('presets', [document])).toThrow(
      `${message}, which a double cannot hold exactly; write it as a Decimal128.`,
    );
  });
});
