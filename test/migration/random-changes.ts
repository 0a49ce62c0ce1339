import fc from 'fast-check';
import { BSON, ObjectId } from 'mongodb';
import {
  addValidator,
  createCollections,
  createIndexes,
  createView,
  insertDocuments,
  type IndexDefinition,
  type ValidationOptions,
  type ViewDefinition,
} from '../../src/migration';
import {
  change,
  diff,
  documentKey,
  Draft,
  emptySchema,
  entries,
  equal,
  fold,
  hasSameCollation,
  isTextKey,
  overlaps,
  readersOf,
} from '../../src/schema';
import type { Change, CollectionOptions, Contents, Kind, Schema, Validator, View } from '../../src/schema';
import { german } from '../support/collations';

/** Definitions to draw from; the verbs turn them into changes. Documents fit every validator and every unique index. */
const collections = ['a', 'b', 'c'].flatMap((name) => [
  { name },
  { name, capped: true, size: 4096, max: 100 },
  { name, collation: german },
  { name, clusteredIndex: { key: { _id: 1 }, unique: true } },
]);
const serves = 'a test';
const indexes: readonly IndexDefinition[] = [
  { name: 'n_1', key: { n: 1 }, serves },
  { name: 'another', key: { n: 1 }, serves },
  { name: 'n_-1', key: { n: -1 }, unique: true, serves },
  { name: 'n_1_m_1', key: { n: 1, m: 1 }, sparse: true, serves },
  { name: 'm_1_n_1', key: { m: 1, n: 1 }, hidden: true, serves },
  { name: 'at_1', key: { at: 1 }, expireAfterSeconds: 3600, serves },
  { name: 'seen_-1', key: { seen: -1 }, expireAfterSeconds: 0, serves },
  { name: 'n_1_partial', key: { n: 1 }, partialFilterExpression: { m: { $gt: 1 } }, unique: true, serves },
  { name: 'm_1_german', key: { m: 1 }, collation: german, serves },
  { name: 'text_text_title_text', key: { text: 'text', title: 'text' }, weights: { title: 3 }, serves },
  { name: 'words_text', key: { words: 'text' }, default_language: 'german', serves },
  { name: 'm_hashed', key: { m: 'hashed' }, serves },
  { name: 'place_2dsphere', key: { place: '2dsphere' }, serves },
  { name: 'bag.$**_1', key: { 'bag.$**': 1 }, serves },
];
const validators: readonly [expression: Record<string, unknown>, options: ValidationOptions][] = [
  [{ n: { $type: 'number' } }, {}],
  [{ $jsonSchema: { required: ['n'], properties: { n: { bsonType: 'number' } } } }, { validationAction: 'warn' }],
  [{ n: { $gte: 0 }, m: { $not: /x/i } }, { validationLevel: 'moderate' }],
];
const documents = [
  // In the future: a TTL over it must have nothing to delete.
  { _id: 1, n: 1, at: new Date('2100-01-01T00:00:00Z') },
  { _id: 'two', n: 2, list: ['x', { y: null }] },
  { _id: new ObjectId('65f0c0ffee0123456789abcd'), n: 3.5, text: 'three' },
  { _id: 'four', n: 4, big: new BSON.Decimal128('12345678901234567890') },
];
/** Every document that may be drawn, as `readSchema` wants to be told. */
export const drawnDocuments: ReadonlyMap<string, string[]> = new Map(
  ['a', 'b', 'c', 'd'].map((name) => [name, documents.map(({ _id }) => documentKey(_id))]),
);
const ttls = [60, 3600, 2_147_483_647];
/** On collections, on each other, and with the name of a collection. The fold leaves out those that cannot be. */
const views: readonly (readonly [name: string, definition: ViewDefinition])[] = ['u', 'v', 'a'].flatMap((name) => [
  [name, { on: 'a', pipeline: [{ $match: { at: { $gte: new Date(0) }, n: { $gt: new BSON.Decimal128('1') } } }] }],
  [name, { on: 'b', pipeline: [{ $sort: { n: 1, m: 1 } }] }],
  [name, { on: 'u', pipeline: [{ $lookup: { from: 'c', localField: 'n', foreignField: 'n', as: 'all' } }] }],
  [name, { on: 'v', pipeline: [], collation: german }],
  [name, { on: 'b', pipeline: [], collation: german }],
]);

/** What the server can change a collection's options to. The documents that may be drawn fit into each of them. */
function otherOptions(options: CollectionOptions): CollectionOptions[] {
  const { changeStreamPreAndPostImages: images, expireAfterSeconds: seconds, ...others } = options;
  return [
    images ? { ...others } : { ...options, changeStreamPreAndPostImages: { enabled: true } },
    ...(options['capped'] ? [{ ...options, size: 8192, max: 10 }] : []),
    ...(options['clusteredIndex'] ? [seconds === 3600 ? { ...others } : { ...options, expireAfterSeconds: 3600 }] : []),
  ];
}

/** Every valid thing to do next with a collection, by kind. Each is a list of changes. */
function movesIn(
  schema: Schema,
  name: string,
  { options = {}, indexes: present = {}, documents: rows = {}, validator }: Contents,
): Change[][][] {
  const { [name]: _dropped, ...others } = schema;
  const inside = { collection: name };
  const rules = validators.flatMap(([expression, options]) => addValidator(name, expression, options).changes);
  const there = Object.entries(present);
  return [
    [diff(schema, others)],
    // The fold lets a rename leave readers behind, for its migration to change; here it has no such step.
    readersOf(new Draft(schema), name).length > 0
      ? []
      : ['a', 'b', 'c', 'd'].map((to): Change[] => [change('collection.name', { ...inside, becomes: to }, name, to)]),
    otherOptions(options).map((to) => [change('collection', inside, options, to)]),
    rules.map(({ to }) => [change('validator', inside, validator, to as Validator)]),
    validator ? [[change('validator', inside, validator, undefined)]] : [],
    indexes.map((index) => [...createIndexes(name, [index]).changes]),
    there.map(([index, value]) => [change('index', { ...inside, name: index }, value, undefined)]),
    there.map(([index, { hidden }]) => [
      change('index.hidden', { ...inside, name: index }, hidden, hidden ? undefined : true),
    ]),
    there.flatMap(([index, from]) =>
      isTextKey(from.key)
        ? ['french', 'german'].map((default_language) => [
            change('index', { ...inside, name: index }, from, { ...from, default_language }),
          ])
        : [],
    ),
    there.flatMap(([index, { expireAfterSeconds: from }]) =>
      [undefined, ...ttls].map((to) => [change('index.expireAfterSeconds', { ...inside, name: index }, from, to)]),
    ),
    documents.map((document) => [...insertDocuments(name, [document]).changes]),
    Object.entries(rows).map(([key, there]) => [change('document', { ...inside, key }, there, undefined)]),
    Object.entries(rows).flatMap(([key, there]) =>
      ['x', 'y'].map((note): Change[] => [change('document', { ...inside, key }, there, { ...there, note })]),
    ),
  ];
}

/** Every valid thing to do next with views, whether they are there or not. */
function movesOfViews(schema: Schema): Change[][][] {
  const there = entries(schema, 'view');
  return [
    views.map(([name, definition]) => [...createView(name, definition).changes]),
    there.flatMap(({ place, value: from }) =>
      views
        .filter(([name]) => name === place.collection)
        .map(([name, definition]): Change[] => {
          const [to] = createView(name, definition).changes.map((one) => one.to as View);
          return to && hasSameCollation(from, to) ? [change('view', place, from, to)] : [];
        }),
    ),
    there.map(({ place, value }) => [change('view', place, value, undefined)]),
  ];
}

function movesFrom(schema: Schema): Change[][][] {
  const creations = collections.map((definition) => [...createCollections(definition).changes]);
  const inCollections = entries(schema, 'collection').flatMap(({ place: { collection } }) =>
    movesIn(schema, collection, schema[collection] ?? {}),
  );
  const all = [creations, ...inCollections, ...movesOfViews(schema)];
  return all.map((kind) => kind.filter((changes) => isPossible(schema, changes))).filter((kind) => kind.length > 0);
}

function isNothing<K extends Kind>({ kind, from, to }: Change<K>): boolean {
  return equal(kind, from, to);
}

/** Whether the fold takes it, as the server will. */
function isPossible(schema: Schema, changes: readonly Change[]): boolean {
  if (changes.length === 0 || changes.some(isNothing)) return false;
  try {
    fold(changes, schema);
    return true;
  } catch {
    return false;
  }
}

/** Histories: lists of migrations, each a list of changes that do not overlap. */
export const histories: fc.Arbitrary<Change[][]> = fc
  .array(fc.record({ kind: fc.nat(), which: fc.nat(), startsMigration: fc.integer({ min: 0, max: 3 }) }), {
    minLength: 10,
    maxLength: 40,
    size: 'max',
  })
  .map((draws) => {
    let schema = emptySchema;
    const migrations: Change[][] = [];
    for (const { kind, which, startsMigration } of draws) {
      const kinds = movesFrom(schema);
      const moves = kinds[kind % kinds.length] ?? [];
      const changes = moves[which % moves.length] ?? [];
      schema = fold(changes, schema);
      const current = migrations.at(-1);
      const isApart = current?.every((one) => changes.every((next) => !overlaps(one, next)));
      if (current && isApart && startsMigration > 0) current.push(...changes);
      else migrations.push(changes);
    }
    return migrations;
  });
