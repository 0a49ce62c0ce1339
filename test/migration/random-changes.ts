import fc from 'fast-check';
import { BSON, ObjectId } from 'mongodb';
import {
  addValidator,
  createCollections,
  createIndexes,
  insertDocuments,
  type IndexDefinition,
  type ValidationOptions,
} from '../../src/migration';
import { change, diff, documentKey, emptySchema, equalAt, fold, overlaps } from '../../src/schema';
import type { Change, Collection, Schema } from '../../src/schema';
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
  { _id: 1, n: 1, at: new Date(0) },
  { _id: 'two', n: 2, list: ['x', { y: null }] },
  { _id: new ObjectId('65f0c0ffee0123456789abcd'), n: 3.5, text: 'three' },
  { _id: 'four', n: 4, big: new BSON.Decimal128('12345678901234567890') },
];
/** Every document that may be drawn, as `readSchema` wants to be told. */
export const drawnDocuments: ReadonlyMap<string, string[]> = new Map(
  collections.map(({ name }) => [name, documents.map(({ _id }) => documentKey(_id))]),
);
const ttls = [60, 3600, 2_147_483_647];

/** Every valid thing to do next with a collection, by kind. Each is a list of changes. */
function movesIn(schema: Schema, name: string, { indexes: present, ...collection }: Collection): Change[][][] {
  const { [name]: _dropped, ...others } = schema;
  const set = <T extends Change['to']>(at: Change['at'], from: T, to: T) => [change(at, from, to)];
  const rules = validators.flatMap(([expression, options]) => addValidator(name, expression, options).changes);
  const entries = Object.entries(present);
  return [
    [diff(schema, others)],
    rules.map(({ at, to }) => set(at, collection.validator, to)),
    collection.validator ? [set([name, 'validator'], collection.validator, undefined)] : [],
    indexes.map((index) => [...createIndexes(name, [index]).changes]),
    entries.map(([index, there]) => set([name, 'indexes', index], there, undefined)),
    entries.map(([index, { hidden }]) => set([name, 'indexes', index, 'hidden'], hidden, hidden ? undefined : true)),
    entries.flatMap(([index, { expireAfterSeconds: from }]) =>
      from === undefined ? [] : ttls.map((to) => set([name, 'indexes', index, 'expireAfterSeconds'], from, to)),
    ),
    documents.map((document) => [...insertDocuments(name, [document]).changes]),
    Object.entries(collection.documents).map(([key, there]) => set([name, 'documents', key], there, undefined)),
  ];
}

function movesFrom(schema: Schema): Change[][][] {
  const creations = collections.map((definition) => [...createCollections(definition).changes]);
  const all = [creations, ...Object.entries(schema).flatMap(([name, collection]) => movesIn(schema, name, collection))];
  return all.map((kind) => kind.filter((changes) => isPossible(schema, changes))).filter((kind) => kind.length > 0);
}

/** Whether the fold takes it, and the server will: of what the server refuses, verbs know all but this. */
function isPossible(schema: Schema, changes: readonly Change[]): boolean {
  if (changes.length === 0 || changes.some(({ at, from, to }) => equalAt(at, from, to))) return false;
  const expires = changes.some(({ to }) => typeof to === 'object' && 'expireAfterSeconds' in to);
  if (expires && schema[changes[0]?.at[0] ?? '']?.options['capped'] === true) return false;
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
      const isApart = current?.every(({ at }) => changes.every((next) => !overlaps(at, next.at)));
      if (current && isApart && startsMigration > 0) current.push(...changes);
      else migrations.push(changes);
    }
    return migrations;
  });
