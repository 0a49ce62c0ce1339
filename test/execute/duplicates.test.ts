import { type Document } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { duplicatesOf } from '../../src/execute/duplicates';
import { canonicalIndex } from '../../src/schema';
import { german } from '../support/collations';
import { useDatabase } from '../support/database';

const database = useDatabase();

interface Case {
  readonly title: string;
  readonly index: Document & { readonly key: Document };
  readonly documents: readonly [Document, Document];
  /** Whether one of them keeps the other out. */
  readonly collides: boolean;
}

const of = (key: Document, options: Document = {}) => ({ key, unique: true, ...options });
const a = of({ a: 1 });
const cases: readonly Case[] = [
  { title: 'equal values', index: a, documents: [{ a: 1 }, { a: 1 }], collides: true },
  { title: 'numbers of two types', index: a, documents: [{ a: 1 }, { a: 1.5 - 0.5 }], collides: true },
  { title: 'a missing field and null', index: a, documents: [{}, { a: null }], collides: true },
  { title: 'null and an empty array', index: a, documents: [{ a: null }, { a: [] }], collides: false },
  { title: 'two empty arrays', index: a, documents: [{ a: [] }, { a: [] }], collides: true },
  { title: 'an element and a value', index: a, documents: [{ a: [1, 2] }, { a: 2 }], collides: true },
  { title: 'an element that is null and nothing', index: a, documents: [{ a: [null] }, {}], collides: true },
  { title: 'arrays in arrays', index: a, documents: [{ a: [[1, 2]] }, { a: [[2, 1]] }], collides: false },
  { title: 'an array in an array, twice', index: a, documents: [{ a: [[1, 2]] }, { a: [[1, 2]] }], collides: true },
  { title: 'one document alone', index: a, documents: [{ a: [1, 1] }, { a: 2 }], collides: false },
  { title: 'objects', index: a, documents: [{ a: { x: 1, y: 1 } }, { a: { y: 1, x: 1 } }], collides: false },
  { title: 'an element of objects', index: of({ 'a.b': 1 }), documents: [{ a: [{ b: 1 }, {}] }, {}], collides: true },
  {
    title: 'objects without it',
    index: of({ 'a.b': 1 }),
    documents: [{ a: [{ b: 1 }, {}] }, { a: {} }],
    collides: true,
  },
  { title: 'no objects', index: of({ 'a.b': 1 }), documents: [{ a: [] }, {}], collides: true },
  { title: 'scalars for objects', index: of({ 'a.b': 1 }), documents: [{ a: [5] }, {}], collides: true },
  { title: 'a scalar for an object', index: of({ 'a.b': 1 }), documents: [{ a: 5 }, {}], collides: true },
  {
    title: 'fields of the same element',
    index: of({ 'a.b': 1, 'a.c': 1 }),
    documents: [
      {
        a: [
          { b: 1, c: 1 },
          { b: 2, c: 2 },
        ],
      },
      { a: [{ b: 1, c: 2 }] },
    ],
    collides: false,
  },
  {
    title: 'an array in objects of an array',
    index: of({ 'a.b': 1 }),
    documents: [{ a: [{ b: [1, 2] }] }, { a: [{ b: 3 }, { b: 2 }] }],
    collides: true,
  },
  {
    title: 'a position, other values elsewhere',
    index: of({ 'scores.0': 1 }),
    documents: [{ scores: [1, 9] }, { scores: [2, 9] }],
    collides: false,
  },
  {
    title: 'a position, the same value there',
    index: of({ 'scores.0': 1 }),
    documents: [{ scores: [1, 8] }, { scores: [1, 9] }],
    collides: true,
  },
  {
    title: 'documents in arrays of arrays, which have no fields',
    index: of({ 'a.b': 1 }),
    documents: [{ a: [[{ b: 1 }]] }, { a: [[{ b: 2 }]] }],
    collides: true,
  },
  {
    title: 'compound',
    index: of({ a: 1, b: 1 }),
    documents: [
      { a: 1, b: 1 },
      { a: 1, b: 2 },
    ],
    collides: false,
  },
  {
    title: 'compound with a hole',
    index: of({ a: 1, b: 1 }),
    documents: [{ a: 1 }, { a: 1, b: null }],
    collides: true,
  },
  {
    title: 'compound with an array',
    index: of({ a: 1, b: 1 }),
    documents: [
      { a: [1, 2], b: 1 },
      { a: 2, b: 1 },
    ],
    collides: true,
  },
  { title: 'sparse, both missing', index: of({ a: 1 }, { sparse: true }), documents: [{}, {}], collides: false },
  {
    title: 'sparse, both null',
    index: of({ a: 1 }, { sparse: true }),
    documents: [{ a: null }, { a: null }],
    collides: true,
  },
  {
    title: 'sparse compound',
    index: of({ a: 1, b: 1 }, { sparse: true }),
    documents: [{ b: 1 }, { b: 1 }],
    collides: true,
  },
  {
    title: 'partial, one outside',
    index: of({ a: 1 }, { partialFilterExpression: { on: true } }),
    documents: [
      { a: 1, on: true },
      { a: 1, on: false },
    ],
    collides: false,
  },
  { title: 'another case', index: a, documents: [{ a: 'Äpfel' }, { a: 'äpfel' }], collides: false },
  {
    title: 'another case, by a collation that sees none',
    index: of({ a: 1 }, { collation: { ...german, strength: 2 } }),
    documents: [{ a: 'Äpfel' }, { a: ['äpfel'] }],
    collides: true,
  },
];

describe('Duplicates are what a unique index would refuse, and the server agrees', () => {
  it.each(cases)('$title', async ({ index, documents, collides }) => {
    await database.db.dropDatabase();
    const things = database.db.collection('things');
    await things.insertMany(documents.map((document) => ({ ...document })));
    const { keys, samples } = await duplicatesOf(database.db, 'things', canonicalIndex(index), 10_000);
    expect({ collides: keys > 0, samples: samples.length }).toEqual({ collides, samples: keys });
    const { key, ...options } = index;
    const refused = await things.createIndex(key, options, {}).then(
      () => false,
      (error: unknown) => (error as { code?: unknown }).code === 11000,
    );
    expect(refused).toBe(collides);
  });
});
