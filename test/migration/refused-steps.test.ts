import { describe, expect, it } from 'vitest';
import {
  addValidator,
  changeTtl,
  changeValidator,
  changeView,
  createCollections,
  createIndexes,
  createTimeSeries,
  createView,
  dropIndexes,
  dropView,
  foldMigrations,
  insertDocuments,
  migration,
  removeDocuments,
  removeValidator,
  renameCollection,
  updateDocuments,
  type SchemaStep,
} from '../../src/migration';
import { errorWith } from '../support/error-with';
import { german } from '../support/collations';

const names: readonly (readonly [name: string, problem: string])[] = [
  ['', 'it is empty'],
  ['__proto__', 'it has a special meaning in JavaScript'],
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
const view = { on: 'users', pipeline: [] };
const verbs: Readonly<Record<string, (name: string) => SchemaStep>> = {
  createCollections: (name) => createCollections(name),
  createTimeSeries: (name) => createTimeSeries(name, { timeField: 'at' }),
  'renameCollection from': (name) => renameCollection(name, 'people'),
  'renameCollection to': (name) => renameCollection('people', name),
  createIndexes: (name) => createIndexes(name, []),
  dropIndexes: (name) => dropIndexes(name, []),
  changeTtl: (name) => changeTtl(name, 'a_1', { from: 1, to: 2 }),
  addValidator: (name) => addValidator(name, { a: 1 }),
  changeValidator: (name) => changeValidator(name, { from: validator, to: validator }),
  removeValidator: (name) => removeValidator(name, validator),
  insertDocuments: (name) => insertDocuments(name, []),
  createView: (name) => createView(name, view),
  changeView: (name) => changeView(name, { from: view, to: view }),
  dropView: (name) => dropView(name, view),
  'createView on another': (name) => createView('recent', { on: name, pipeline: [] }),
};

describe.each(Object.entries(verbs))('%s', (_verb, run) => {
  it.each(names)('refuses the collection name %j', (name, problem) => {
    expect(() => run(name)).toThrow(
      errorWith({ code: 'MIGRATION', summary: `"${name}" is not a valid name for a collection`, why: problem }),
    );
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
    ['viewOn', 'users', 'use createView'],
    ['pipeline', [], 'use createView'],
    ['timeseries', { timeField: 'at' }, 'use createTimeSeries'],
    ['idIndex', {}, 'every collection has the same index on _id'],
  ])('takes no %s', (option, value, advice) => {
    expect(() => createCollections({ name: 'events', [option]: value })).toThrow(
      errorWith({ summary: `createCollections does not accept ${option} (collection events)`, fix: advice }),
    );
  });

  it.each<[title: string, options: object, message: string]>([
    ['a size without capped', { size: 4096 }, 'has a size or max, which need `capped: true`'],
    ['a max without capped', { capped: false, max: 5 }, 'has a size or max, which need `capped: true`'],
    ['capped without a size', { capped: true }, 'is capped, and has no valid size'],
    ['a size of nothing', { capped: true, size: 0 }, 'is capped, and has no valid size'],
    ['half a byte', { capped: true, size: 0.5 }, 'is capped, and has no valid size'],
    ['no documents', { capped: true, size: 1, max: 0 }, 'is capped at 0 documents'],
  ])('refuses %s', (_title, options, message) => {
    expect(() => createCollections({ name: 'events', ...options })).toThrow(
      errorWith({ code: 'MIGRATION', summary: `The collection events ${message}` }),
    );
  });

  it('refuses a collation that the server would refuse', () => {
    expect(() => createCollections({ name: 'events', collation: { locale: 'de', strength: 9 } })).toThrow(
      'The collection events has a collation that has `strength: 9`, which must be a whole number from 1 to 5',
    );
  });
});

describe('A validator is refused', () => {
  const refusal = (schema: object) => () => addValidator('users', { $jsonSchema: schema });
  const keywords = ['$ref', '$schema', 'default', 'definitions', 'format', 'id', '$id', 'const', 'examples', 'if'];

  it.each(keywords)('with the keyword %s, which MongoDB does not know', (keyword) => {
    expect(refusal({ properties: { a: { [keyword]: 'x' } } })).toThrow(
      `$jsonSchema.properties.a.${keyword} is not a keyword of MongoDB's $jsonSchema (`,
    );
  });

  it('with the type integer', () => {
    expect(refusal({ properties: { a: { type: 'integer' } } })).toThrow(
      `$jsonSchema.properties.a.type is "integer" (use bsonType: 'number', multipleOf: 1)`,
    );
  });

  it.each(['items', 'additionalItems', 'additionalProperties', 'not'])('with one of them below %s', (keyword) => {
    expect(refusal({ [keyword]: { format: 'email' } })).toThrow(`$jsonSchema.${keyword}.format is not a keyword`);
  });

  it.each(['allOf', 'anyOf', 'oneOf', 'items'])('with one of them in the list of %s', (keyword) => {
    expect(refusal({ [keyword]: [{}, { const: 1 }] })).toThrow(`$jsonSchema.${keyword}[1].const is not a keyword`);
  });

  it.each(['patternProperties', 'dependencies'])('with one of them by name in %s', (keyword) => {
    expect(refusal({ [keyword]: { a: { default: 1 } } })).toThrow(`$jsonSchema.${keyword}.a.default is not a keyword`);
  });

  it('with all of its problems at once', () => {
    expect(refusal({ default: 1, properties: { a: { format: 'date' } } })).toThrow(
      expect.objectContaining({
        summary: 'The server would refuse the validator of users',
        why: [
          "$jsonSchema.default is not a keyword of MongoDB's $jsonSchema (leave it out: validators do not fill in values)",
          "$jsonSchema.properties.a.format is not a keyword of MongoDB's $jsonSchema (use pattern)",
        ],
      }),
    );
  });

  it('when it is empty', () => {
    expect(() => addValidator('users', {})).toThrow('The validator of users is empty (MIGRATION)');
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

describe('A view is refused', () => {
  const refused = (message: string) =>
    expect.objectContaining({ code: 'MIGRATION', message: expect.stringContaining(message) as string }) as Error;

  it.each([
    ['$out', [{ $match: {} }, { $out: 'copy' }]],
    ['$merge', [{ $facet: { a: [{ $merge: { into: 'copy' } }] } }]],
    ['$merge', [{ $lookup: { from: 'orders', pipeline: [{ $merge: 'copy' }], as: 'x' } }]],
    ['$out', [{ $unionWith: { coll: 'orders', pipeline: [{ $out: 'copy' }] } }]],
    ['$changeStream', [{ $changeStream: {} }]],
  ])('with the stage %s', (stage, pipeline) => {
    const message = `The view recent has the stage ${stage}, which is not allowed in a view`;
    expect(() => createView('recent', { on: 'users', pipeline })).toThrow(refused(message));
    expect(() => changeView('recent', { from: view, to: { on: 'users', pipeline } })).toThrow(refused(message));
    expect(() => dropView('recent', { on: 'users', pipeline })).toThrow(refused(message));
  });

  it('for no field that is only named like a stage', () => {
    const pipeline = [{ $project: { kept: { $literal: { $out: 1 } } } }];
    expect(() => createView('recent', { on: 'users', pipeline })).not.toThrow();
  });

  it('when its collation is none', () => {
    expect(() => createView('recent', { ...view, collation: { strength: 2 } })).toThrow(
      'The view recent has a collation without a locale',
    );
  });

  it('when its collation is to change', () => {
    expect(() => changeView('recent', { from: view, to: { ...view, collation: german } })).toThrow(
      refused('drop the view with dropView'),
    );
  });

  it('with a number that a double cannot hold exactly', () => {
    const pipeline = [{ $match: { id: 2 ** 53 } }];
    expect(() => createView('recent', { on: 'users', pipeline })).toThrow('a Decimal128');
  });
});

describe('insertDocuments', () => {
  it('refuses a document without an _id', () => {
    expect(() => insertDocuments('presets', [{ _id: 1 }, { name: 'b' }])).toThrow(
      errorWith({ summary: 'Document 2 for presets has no _id', fix: 'give it a fixed _id' }),
    );
  });

  it.each([
    ['a number', { _id: 1, limits: { runs: 2 ** 53 } }, 'limits.runs is 9007199254740992'],
    ['an _id', { _id: 2 ** 60 }, '_id is 1152921504606847000'],
  ])('refuses %s that a double cannot hold exactly', (_title, document, message) => {
    expect(() => insertDocuments('presets', [document])).toThrow(
      errorWith({ summary: 'a whole number that a double cannot hold exactly', why: message, fix: 'Decimal128' }),
    );
  });
});

describe('updateDocuments', () => {
  const from = { _id: 1, seats: 1 };

  it.each([
    ['another _id', { _id: 2, seats: 1 }, 'Document 1 for plans has two different _ids', 'removeDocuments'],
    [
      'nothing new',
      { seats: 1, _id: 1 },
      'Document 1 for plans is the same before and after',
      'remove it from the list',
    ],
    ['no _id', { seats: 2 }, 'Document 1 for plans has no _id', 'give it a fixed _id'],
  ])('refuses a row with %s', (_title, to, summary, fix) => {
    expect(() => updateDocuments('plans', [{ from, to }])).toThrow(errorWith({ summary, fix }));
  });

  it('refuses rows that are not written with both sides', () => {
    const rows = [{ _id: 1, seats: 2 }] as never;
    expect(() => updateDocuments('plans', rows)).toThrow(
      errorWith({ summary: 'updateDocuments takes no _id', fix: 'it takes from, to' }),
    );
  });
});

it('A row that no migration has shipped as it is written cannot be updated, or removed', () => {
  const shipped = migration('1-a.ts', createCollections('plans'), insertDocuments('plans', [{ _id: 1, seats: 1 }]));
  const row = { _id: 1, seats: 2 };
  for (const step of [updateDocuments('plans', [{ from: row, to: { _id: 1 } }]), removeDocuments('plans', [row])]) {
    expect(() => foldMigrations([shipped, migration('2-b.ts', step)])).toThrow(
      errorWith({
        summary: '2-b.ts does not fit the migrations before it',
        why: 'expected {"_id":1,"seats":2} before the change',
      }),
    );
  }
});
