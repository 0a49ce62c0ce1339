import { describe, expect, it } from 'vitest';
import { changeTtl, createIndexes, dropIndexes, type IndexDefinition } from '../../src/migration';
import { german as whole } from '../support/collations';
import { errorWith } from '../support/error-with';

const index = (definition: Partial<IndexDefinition>): IndexDefinition => ({
  name: 'a_1',
  key: { a: 1 },
  serves: 'finding by a',
  ...definition,
});
const manyFields = Object.fromEntries(Array.from({ length: 33 }, (_, n) => [`f${n}`, 1 as const]));
const refused: readonly (readonly [title: string, definition: Partial<IndexDefinition>, message: string])[] = [
  ['without a name', { name: '' }, 'The index users.(no name) needs a name: the one MongoDB would give it'],
  ['named as the one on _id', { name: '_id_' }, 'users._id_ is the index on _id, which every collection already has'],
  ['on _id alone', { key: { _id: -1 } }, 'users.a_1 is the index on _id, which every collection already has'],
  ['that serves nothing', { serves: ' ' }, 'users.a_1 needs `serves`: the query that it serves'],
  ['on nothing', { key: {} }, 'users.a_1 has an empty key'],
  ['on 33 fields', { key: manyFields }, 'users.a_1 has 33 fields; the maximum is 32'],
  [
    'on a field that JavaScript reorders',
    { key: { b: 1, 2: 1, 0: 1 } },
    'users.a_1 has a field named 0, 2, which JavaScript would move to the front of the key',
  ],
  [
    'that is sparse and partial',
    { sparse: true, partialFilterExpression: { a: 1 } },
    'users.a_1 is both sparse and partial: keep only the partial filter',
  ],
  ['with weights and no text', { weights: { a: 2 } }, 'users.a_1 has weights, but no text field'],
  [
    'that is unique and on text',
    { key: { a: 'text' }, unique: true },
    'is unique, which is not allowed for text, wildcard and hashed',
  ],
  [
    'that is unique and a wildcard',
    { key: { '$**': 1 }, unique: true },
    'is unique, which is not allowed for text, wildcard and hashed',
  ],
  [
    'that is unique and hashed',
    { key: { a: 'hashed' }, unique: true },
    'is unique, which is not allowed for text, wildcard and hashed',
  ],
  ['that is sparse and a wildcard', { key: { '$**': 1 }, sparse: true }, 'is sparse, which a wildcard index always is'],
  [
    'with a TTL on two fields',
    { key: { a: 1, b: 1 }, expireAfterSeconds: 5 },
    'has a TTL and more than one field, so the server would never delete documents by it',
  ],
  [
    'with a TTL on text',
    { key: { a: 'text' }, expireAfterSeconds: 5 },
    'has a TTL, which is not allowed for text and wildcard indexes',
  ],
  [
    'with a TTL on a wildcard, which would end the server',
    { key: { '$**': 1 }, expireAfterSeconds: 5 },
    'has a TTL, which is not allowed for text and wildcard indexes',
  ],
  [
    'with a TTL on a wildcard below a field',
    { key: { 'a.$**': 1 }, expireAfterSeconds: 5 },
    'has a TTL, which is not allowed for text and wildcard indexes',
  ],
  [
    'with a collation of no locale',
    { collation: { locale: 'gr', strength: 2 } },
    'The index users.a_1 has a collation with the locale "gr", which the server does not know',
  ],
];

describe('An index is refused', () => {
  it.each(refused)('%s', (_title, definition, message) => {
    const error = errorWith({ code: 'MIGRATION', summary: message });
    expect(() => createIndexes('users', [index(definition)])).toThrow(error);
    expect(() => dropIndexes('users', [index(definition)])).toThrow(error);
  });

  it('with every problem at once', () => {
    expect(() => createIndexes('users', [index({ name: '', serves: '', key: {}, weights: {} })])).toThrow(
      'The index users.(no name) needs a name: the one MongoDB would give it; and it has an empty key; and it has weights, ' +
        'but no text field; and it needs `serves`: the query that it serves (MIGRATION)',
    );
  });

  it('when only one among many is wrong', () => {
    expect(() => createIndexes('users', [index({}), index({ name: 'b', serves: '' })])).toThrow(
      'The index users.b needs',
    );
  });
});

describe('A TTL is refused', () => {
  it.each([-1, 1.5, 2_147_483_648, Number.NaN, Number.POSITIVE_INFINITY])('of %d seconds', (seconds) => {
    const error = errorWith({
      code: 'MIGRATION',
      summary: `users.a_1 would expire after ${seconds} seconds`,
      fix: 'a TTL is a whole number of seconds from 0 to 2147483647',
    });
    expect(() => createIndexes('users', [index({ expireAfterSeconds: seconds })])).toThrow(error);
    expect(() => changeTtl('users', 'a_1', { from: 1, to: seconds })).toThrow(error);
    expect(() => changeTtl('users', 'a_1', { from: seconds, to: 1 })).toThrow(error);
  });
});

describe('An index is accepted', () => {
  it.each<[title: string, definition: Partial<IndexDefinition>]>([
    ['on _id and more', { key: { _id: 1, a: 1 } }],
    ['on the hash of _id', { key: { _id: 'hashed' } }],
    ['on a field whose path begins with a number', { key: { '0.a': 1 } }],
    ['on 32 fields', { key: Object.fromEntries(Object.entries(manyFields).slice(1)) }],
    ['with weights for fields that its key lacks', { key: { a: 'text' }, weights: { b: 3 } }],
    ['with a TTL of 0 seconds', { expireAfterSeconds: 0 }],
    ['with the longest TTL', { expireAfterSeconds: 2_147_483_647 }],
    ['with a collation in full', { collation: whole }],
    ['with a short collation', { collation: { locale: 'de', strength: 2 } }],
    ['with the simple collation', { collation: { locale: 'simple' } }],
    ['with a wildcard', { key: { '$**': 1 }, wildcardProjection: { a: 0 } }],
  ])('%s', (_title, definition) => {
    expect(createIndexes('users', [index(definition)]).changes).toHaveLength(1);
  });
});
