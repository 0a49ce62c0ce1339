import type { Document } from 'mongodb';
import { beforeAll, describe, expect, it } from 'vitest';
import { canonicalIndex, checkIndexIn, defaultIndexName } from '../../src/schema';
import { useDatabase } from '../support/database';
import { german } from '../support/collations';

describe('An index in canonical form', () => {
  it.each<[title: string, written: Document, shown: Document]>([
    [
      'a text index',
      { key: { title: 'text', body: 'text' }, weights: { title: 10 } },
      {
        v: 2,
        name: 'i',
        key: { _fts: 'text', _ftsx: 1 },
        weights: { body: 1, title: 10 },
        default_language: 'english',
        language_override: 'language',
        textIndexVersion: 3,
      },
    ],
    [
      'a text index with other fields around the text, and a weight for a field that the key lacks',
      { key: { owner: 1, b: 'text', a: 'text', at: -1 }, weights: { c: 3 }, default_language: 'none' },
      {
        key: { owner: 1, _fts: 'text', _ftsx: 1, at: -1 },
        weights: { a: 1, b: 1, c: 3 },
        default_language: 'none',
        language_override: 'language',
        textIndexVersion: 3,
      },
    ],
    [
      'options that are off',
      { key: { a: 1 } },
      { v: 2, key: { a: 1 }, unique: false, sparse: false, hidden: false, background: true, ns: 'x.y' },
    ],
    ['the simple collation', { key: { a: 1 }, collation: { locale: 'simple' } }, { key: { a: 1 } }],
    [
      'a collation with the version of its library',
      { key: { a: 1 }, collation: { locale: 'de', strength: 2 } },
      { key: { a: 1 }, collation: { strength: 2, locale: 'de', version: '57.1' } },
    ],
  ])('is the same for %s, written by a person or shown by the server', (_title, written, shown) => {
    expect(canonicalIndex(shown)).toEqual(canonicalIndex(written));
  });

  it('names the fields of a text index in alphabetical order, and the weights that are not 1', () => {
    expect(canonicalIndex({ key: { z: 'text', a: 'text' }, weights: { z: 5, a: 1 } })).toEqual({
      key: { a: 'text', z: 'text' },
      weights: { z: 5 },
    });
  });

  it('keeps languages, TTLs of 0 seconds and partial filters', () => {
    const index = {
      key: { a: 1 },
      expireAfterSeconds: 0,
      partialFilterExpression: { b: 1 },
      default_language: 'german',
    };
    expect(canonicalIndex(index)).toEqual(index);
  });
});

describe('The name of an index', () => {
  it('is the one that MongoDB would give it', () => {
    expect(defaultIndexName({ user_id: 1, 'config.at': -1, body: 'text' })).toBe('user_id_1_config.at_-1_body_text');
  });
});

describe('Whether a second index can join a first, the rules and the server agree on', () => {
  const database = useDatabase();
  beforeAll(() => database.db.createCollection('pairs'));

  const pairs: readonly (readonly [title: string, one: Document, other: Document])[] = [
    ['the same twice', { key: { a: 1 } }, { key: { a: 1 } }],
    ['another direction', { key: { a: 1 } }, { key: { a: -1 } }],
    ['another order of fields', { key: { a: 1, b: 1 } }, { key: { b: 1, a: 1 } }],
    ['another kind', { key: { a: 1 } }, { key: { a: 'hashed' } }],
    ['one unique', { key: { a: 1 } }, { key: { a: 1 }, unique: true }],
    ['one sparse', { key: { a: 1 } }, { key: { a: 1 }, sparse: true }],
    ['one hidden', { key: { a: 1 } }, { key: { a: 1 }, hidden: true }],
    ['one with a TTL', { key: { a: 1 } }, { key: { a: 1 }, expireAfterSeconds: 5 }],
    ['one partial', { key: { a: 1 } }, { key: { a: 1 }, partialFilterExpression: { x: 1 } }],
    [
      'partial filters in another order',
      { key: { a: 1 }, partialFilterExpression: { x: 1, y: { $gt: 1, $lt: 5 } } },
      { key: { a: 1 }, partialFilterExpression: { y: { $lt: 5, $gt: 1 }, x: 1 } },
    ],
    ['one with a collation', { key: { a: 1 } }, { key: { a: 1 }, collation: german }],
    ['the same collation twice', { key: { a: 1 }, collation: german }, { key: { a: 1 }, collation: german }],
    ['two text indexes', { key: { a: 'text' } }, { key: { b: 'text' } }],
    ['a wildcard with a projection', { key: { '$**': 1 } }, { key: { '$**': 1 }, wildcardProjection: { a: 1 } }],
    [
      'wildcards with one projection',
      { key: { '$**': 1 }, wildcardProjection: { a: 1, b: 1 } },
      { key: { '$**': 1 }, wildcardProjection: { b: 1, a: 1 } },
    ],
  ];

  it.each(pairs)('%s', async (_title, one, other) => {
    const problem = checkIndexIn(new Map([['first', canonicalIndex(one)]]), 'second', canonicalIndex(other));
    const create = (name: string, index: Document) =>
      database.db.command({ createIndexes: 'pairs', indexes: [{ name, ...index }] });
    await database.db.command({ dropIndexes: 'pairs', index: '*' });
    await create('first', one);
    const code = await create('second', other).then(
      () => undefined,
      (error: unknown) => (error as { code: number }).code,
    );
    expect(code).toBe(problem === undefined ? undefined : 85);
  });
});
