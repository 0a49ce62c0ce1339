import { describe, expect, it } from 'vitest';
import { emptySchema, fold, inverse, overlaps, type Change, type Place } from '../../src/schema';

const users: Change = { at: ['users', 'options'], to: {} };
const email: Change = { at: ['users', 'indexes', 'email_1'], to: { key: { email: 1 }, unique: true } };
const text: Change = { at: ['users', 'indexes', 'bio_text'], to: { key: { bio: 'text' } } };
const rules: Change = { at: ['users', 'validator'], to: { validator: { email: { $type: 'string' } } } };
const row: Change = { at: ['users', 'documents', '1'], to: { _id: 1, email: 'a' } };
const all = [users, email, text, rules, row];

describe('Folding changes', () => {
  it('gives the schema that they lead to, names sorted', () => {
    const schema = fold([{ at: ['z', 'options'], to: {} }, ...all]);
    expect(Object.keys(schema)).toEqual(['users', 'z']);
    expect(schema['users']).toEqual({
      options: {},
      validator: rules.to,
      indexes: { bio_text: text.to, email_1: email.to },
      documents: { '1': row.to },
    });
    expect(Object.keys(schema['users']?.indexes ?? {})).toEqual(['bio_text', 'email_1']);
  });

  it('freezes the schema to the bottom and leaves the one it started from alone', () => {
    const base = fold([users]);
    const schema = fold([email], base);
    expect(base['users']?.indexes).toEqual({});
    expect(() => Object.assign(schema['users']?.indexes['email_1']?.key ?? {}, { other: 1 })).toThrow(TypeError);
  });

  it('sets, changes and takes away one attribute of an index', () => {
    const at: Place = ['users', 'indexes', 'email_1', 'hidden'];
    const hidden = fold([users, email, { at, to: true }]);
    expect(hidden['users']?.indexes['email_1']).toEqual({ key: { email: 1 }, unique: true, hidden: true });
    expect(fold([{ at, from: true }], hidden)).toEqual(fold([users, email]));
  });

  it('takes a collection named like a property of every object for what it is', () => {
    const named: Change = { at: ['constructor', 'options'], to: { capped: true, size: 256 } };
    expect(fold([named])['constructor']?.options).toEqual(named.to);
    expect(fold([named, ...inverse([named])])).toEqual(emptySchema);
  });
});

const refusals: readonly (readonly [title: string, changes: readonly Change[], message: string])[] = [
  [
    'an index of a collection that does not exist',
    [email],
    'Cannot create index users.email_1: the collection users does not exist; createCollections has to come first.',
  ],
  [
    'a collection that is there already',
    [users, users],
    'Cannot create collection users: expected nothing before it, found {} (collection users).',
  ],
  [
    'an index that is there already',
    [users, email, email],
    'Cannot create index users.email_1: expected nothing before it, found {"key":{"email":1},"unique":true} (index users.email_1).',
  ],
  [
    'dropping an index that is written out differently',
    [users, email, { at: email.at, from: { key: { email: -1 } } }],
    'Cannot drop index users.email_1: expected {"key":{"email":-1}} before it, found {"key":{"email":1},"unique":true} (index users.email_1).',
  ],
  [
    'a second index with the same keys and options',
    [users, email, { ...email, at: ['users', 'indexes', 'mail'] }],
    'Cannot create index users.mail: the index email_1 has the same keys and options, and an index cannot be renamed; use that name, or dropIndexes first.',
  ],
  [
    'a second text index',
    [users, text, { at: ['users', 'indexes', 'name_text'], to: { key: { name: 'text' } } }],
    'Cannot create index users.name_text: a collection has one text index at most, and bio_text is there; dropIndexes first.',
  ],
  [
    'a 64th index beside the one on _id',
    [users, ...Array.from({ length: 64 }, (_, n): Change => ({ at: ['users', 'indexes', `i${n}`], to: { key: { [`f${n}`]: 1 } } }))],
    'Cannot create index users.i63: a collection has 64 indexes at most, the one on _id counted in.',
  ],
  [
    'a TTL that is not what was expected',
    [users, email, { at: ['users', 'indexes', 'email_1', 'expireAfterSeconds'], from: 60, to: 90 }],
    'Cannot change expireAfterSeconds of index users.email_1 from 60 to 90: expected 60 before it, found nothing (expireAfterSeconds of index users.email_1).',
  ],
  [
    'an attribute of an index that does not exist',
    [users, { at: ['users', 'indexes', 'email_1', 'hidden'], to: true }],
    'Cannot create hidden of index users.email_1: the index users.email_1 does not exist; createIndexes has to come first.',
  ],
  [
    'dropping a collection that still holds things',
    [...all, { at: ['users', 'options'], from: {} }],
    'Cannot drop collection users: it still has a validator and the indexes email_1, bio_text and the reference documents 1; remove them first.',
  ],
  [
    'taking away a validator that is not there',
    [users, { at: ['users', 'validator'], from: { validator: { a: 1 } } }],
    'Cannot drop validator of users: expected {"validator":{"a":1}} before it, found nothing (validator of users).',
  ],
  [
    'removing a reference document that is another one',
    [users, row, { at: row.at, from: { _id: 1, email: 'b' } }],
    'Cannot drop document 1 of users: expected {"_id":1,"email":"b"} before it, found {"_id":1,"email":"a"} (document 1 of users).',
  ],
];

describe('A fold refuses', () => {
  it.each(refusals)('%s', (_title, changes, message) => {
    expect(() => fold(changes)).toThrow(expect.objectContaining({ code: 'FOLD', message }));
  });
});

describe('The inverse of changes', () => {
  it('leads back to where they started', () => {
    expect(fold(inverse(all), fold(all))).toEqual(emptySchema);
  });

  it('is the last one first, with its sides swapped', () => {
    const ttl: Change = { at: ['users', 'indexes', 'a', 'expireAfterSeconds'], from: 1, to: 2 };
    expect(inverse([users, ttl])).toEqual([{ ...ttl, from: 2, to: 1 }, { at: users.at, from: {} }]);
  });

  it('of the inverse is the changes themselves', () => {
    expect(inverse(inverse(all))).toEqual(all);
  });
});

describe('Two places', () => {
  const options: Place = ['users', 'options'];
  const index: Place = ['users', 'indexes', 'a'];
  const attribute: Place = ['users', 'indexes', 'a', 'hidden'];

  it('overlap when one equals or contains the other', () => {
    expect(overlaps(index, index)).toBe(true);
    expect(overlaps(index, attribute)).toBe(true);
    expect(overlaps(attribute, index)).toBe(true);
  });

  it('do not overlap when they only lie side by side', () => {
    expect(overlaps(options, index)).toBe(false);
    expect(overlaps(index, ['users', 'indexes', 'b'])).toBe(false);
    expect(overlaps(index, ['projects', 'indexes', 'a'])).toBe(false);
  });
});
