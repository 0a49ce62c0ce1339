import { describe, expect, it } from 'vitest';
import { emptySchema, fold, fromWire, inverse, overlaps, toWire, type Change } from '../../src/schema';

const users = fromWire({ at: ['users', 'options'], to: {} });
const email = fromWire({ at: ['users', 'indexes', 'email_1'], to: { key: { email: 1 }, unique: true } });
const text = fromWire({ at: ['users', 'indexes', 'bio_text'], to: { key: { bio: 'text' } } });
const rules = fromWire({ at: ['users', 'validator'], to: { validator: { email: { $type: 'string' } } } });
const row = fromWire({ at: ['users', 'documents', '1'], to: { _id: 1, email: 'a' } });
const all = [users, email, text, rules, row];
const active = fromWire({ at: ['active', 'view'], to: { viewOn: 'users', pipeline: [{ $match: { active: true } }] } });
const viewOn = (name: string, viewOn: string, ...pipeline: object[]) =>
  fromWire({ at: [name, 'view'], to: { viewOn, pipeline } });

describe('Folding changes', () => {
  it('gives the schema that they lead to, names sorted', () => {
    const schema = fold([fromWire({ at: ['z', 'options'], to: {} }), ...all]);
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
    expect(() => Object.assign(schema['users']?.indexes?.['email_1']?.key ?? {}, { other: 1 })).toThrow(TypeError);
  });

  it('sets, changes and takes away one attribute of an index', () => {
    const at = ['users', 'indexes', 'email_1', 'hidden'];
    const hidden = fold([users, email, fromWire({ at, to: true })]);
    expect(hidden['users']?.indexes?.['email_1']).toEqual({ key: { email: 1 }, unique: true, hidden: true });
    expect(fold([fromWire({ at, from: true })], hidden)).toEqual(fold([users, email]));
  });

  it('takes a collection named like a property of every object for what it is', () => {
    const named = fromWire({ at: ['constructor', 'options'], to: { capped: true, size: 256 } });
    expect(fold([named])['constructor']?.options).toEqual(named.to);
    expect(fold([named, ...inverse([named])])).toEqual(emptySchema);
  });
});

describe('Views', () => {
  it('stand under names of their own, and are all that is there', () => {
    expect(fold([users, active])['active']).toEqual({ view: active.to });
    expect(fold([users, active, ...inverse([active])])).toEqual(fold([users]));
  });

  it('may read from views, and from names that their stages join', () => {
    const lookup = { $lookup: { from: 'users', pipeline: [{ $unionWith: { coll: 'active' } }], as: 'all' } };
    expect(() => fold([users, active, viewOn('newest', 'active', lookup, { $facet: { a: [] } })])).not.toThrow();
  });

  it('let go of what they read from when they are changed', () => {
    const other = fromWire({ at: ['other', 'options'], to: {} });
    const moved = fromWire({ at: ['active', 'view'], from: active.to, to: { viewOn: 'other', pipeline: [] } });
    expect(Object.keys(fold([users, active, other, moved, ...inverse([users])]))).toEqual(['active', 'other']);
  });
});

const refusals: readonly (readonly [title: string, changes: readonly Change[], summary: string, why: string])[] = [
  [
    'an index of a collection that does not exist',
    [email],
    'Cannot create index users.email_1',
    'the collection users does not exist; createCollections must come first',
  ],
  [
    'an index of a collection whose name has a typo',
    [users, fromWire({ at: ['usres', 'indexes', 'email_1'], to: email.to })],
    'Cannot create index usres.email_1',
    'the collection usres does not exist; did you mean users? Otherwise, createCollections must come first',
  ],
  [
    'an attribute of an index whose name has a typo',
    [users, email, fromWire({ at: ['users', 'indexes', 'emial_1', 'hidden'], to: true })],
    'Cannot hide index users.emial_1',
    'the index users.emial_1 does not exist; did you mean email_1? Otherwise, createIndexes must come first',
  ],
  [
    'a collection that is there already',
    [users, users],
    'Cannot create collection users',
    'expected nothing before the change, but found {} (collection users)',
  ],
  [
    'an index that is there already',
    [users, email, email],
    'Cannot create index users.email_1',
    'expected nothing before the change, but found {"key":{"email":1},"unique":true} (index users.email_1)',
  ],
  [
    'dropping an index that is written out differently',
    [users, email, fromWire({ at: toWire(email).at, from: { key: { email: -1 } } })],
    'Cannot drop index users.email_1',
    'expected {"key":{"email":-1}} before the change, but found {"key":{"email":1},"unique":true} (index users.email_1)',
  ],
  [
    'a second index with the same keys and options',
    [users, email, fromWire({ at: ['users', 'indexes', 'mail'], to: email.to })],
    'Cannot create index users.mail',
    'the index email_1 has the same keys and options, and an index cannot be renamed; use that name, or drop that index first with dropIndexes',
  ],
  [
    'a second text index',
    [users, text, fromWire({ at: ['users', 'indexes', 'name_text'], to: { key: { name: 'text' } } })],
    'Cannot create index users.name_text',
    'a collection can have only one text index, and bio_text exists; drop it first with dropIndexes',
  ],
  [
    'a 64th index beside the one on _id',
    [
      users,
      ...Array.from({ length: 64 }, (_, n) =>
        fromWire({ at: ['users', 'indexes', `i${n}`], to: { key: { [`f${n}`]: 1 } } }),
      ),
    ],
    'Cannot create index users.i63',
    'a collection can have at most 64 indexes, including the one on _id',
  ],
  [
    'a TTL that is not what was expected',
    [users, email, fromWire({ at: ['users', 'indexes', 'email_1', 'expireAfterSeconds'], from: 60, to: 90 })],
    'Cannot change the TTL of index users.email_1: 1 minute → 1 minute 30 seconds',
    'expected 60 before the change, but found nothing (TTL of index users.email_1)',
  ],
  [
    'an attribute of an index that does not exist',
    [users, fromWire({ at: ['users', 'indexes', 'email_1', 'hidden'], to: true })],
    'Cannot hide index users.email_1',
    'the index users.email_1 does not exist; createIndexes must come first',
  ],
  [
    'dropping a collection that still holds things',
    [...all, fromWire({ at: ['users', 'options'], from: {} })],
    'Cannot drop collection users',
    'the collection still has a validator and the indexes email_1, bio_text and the reference documents 1; remove them first',
  ],
  [
    'taking away a validator that does not exist',
    [users, fromWire({ at: ['users', 'validator'], from: { validator: { a: 1 } } })],
    'Cannot drop validator of users',
    'expected {"validator":{"a":1}} before the change, but found nothing (validator of users)',
  ],
  [
    'removing a reference document that is another one',
    [users, row, fromWire({ at: toWire(row).at, from: { _id: 1, email: 'b' } })],
    'Cannot drop document 1 of users',
    'expected {"_id":1,"email":"b"} before the change, but found {"_id":1,"email":"a"} (document 1 of users)',
  ],
  [
    'a view on a name that nothing has',
    [viewOn('active', 'user')],
    'Cannot create view active',
    'the view reads from user, which no migration makes; correct that name, or first create what it names',
  ],
  [
    'a view that joins a name that nothing has',
    [users, viewOn('active', 'users', { $facet: { a: [{ $lookup: { from: 'plan', as: 'plan' } }] } })],
    'Cannot create view active',
    'the view reads from plan, which no migration makes; correct that name, or first create what it names',
  ],
  [
    'a view whose name a collection has',
    [users, viewOn('users', 'users')],
    'Cannot create view users',
    'a collection with that name exists; choose another name, or drop it first',
  ],
  [
    'a collection whose name a view has',
    [users, active, fromWire({ at: ['active', 'options'], to: {} })],
    'Cannot create collection active',
    'a view with that name exists; choose another name, or drop it first',
  ],
  [
    'a view that reads from itself, at any distance',
    [
      users,
      active,
      viewOn('newest', 'active'),
      fromWire({ at: ['active', 'view'], from: active.to, to: { viewOn: 'newest', pipeline: [] } }),
    ],
    'Cannot change view active',
    'the view would read from itself, through newest',
  ],
  [
    'a view that reads from itself',
    [viewOn('active', 'active')],
    'Cannot create view active',
    'the view would read from itself, through active',
  ],
  [
    'a view on a view with another collation',
    [
      users,
      active,
      fromWire({ at: ['german', 'view'], to: { viewOn: 'active', pipeline: [], collation: { locale: 'de' } } }),
    ],
    'Cannot create view german',
    'the view reads from the view active, which has another collation; give both views the same collation',
  ],
  ...(
    [
      ['indexes', 'index active.1'],
      ['documents', 'document 1 of active'],
    ] as const
  ).map(
    ([part, what]) =>
      [
        `one of the ${part} of a view`,
        [users, active, fromWire({ at: ['active', part, '1'], to: {} })],
        `Cannot create ${what}`,
        'the collection active does not exist: a view has that name',
      ] as const,
  ),
  [
    'a validator of a view',
    [users, active, fromWire({ at: ['active', 'validator'], to: { validator: { a: 1 } } })],
    'Cannot create validator of active',
    'the collection active does not exist: a view has that name',
  ],
  [
    'dropping a collection that a view reads from',
    [users, active, ...inverse([users])],
    'Cannot drop collection users',
    'the view active reads from users; first drop the view active, or change what the view active reads from',
  ],
  [
    'dropping a view that views read from',
    [users, active, viewOn('a', 'active'), viewOn('b', 'users', { $unionWith: 'active' }), ...inverse([active])],
    'Cannot drop view active',
    'the view a, the view b read from active; first drop them, or change what they read from',
  ],
];

describe('A fold refuses', () => {
  it.each(refusals)('%s', (_title, changes, summary, why) => {
    expect(() => fold(changes)).toThrow(expect.objectContaining({ code: 'FOLD', summary, why: [why] }));
  });
});

describe('The inverse of changes', () => {
  it('leads back to where they started', () => {
    expect(fold(inverse(all), fold(all))).toEqual(emptySchema);
  });

  it('is the last one first, with its sides swapped', () => {
    const ttl = fromWire({ at: ['users', 'indexes', 'a', 'expireAfterSeconds'], from: 1, to: 2 });
    expect(inverse([users, ttl])).toEqual([
      fromWire({ at: toWire(ttl).at, from: 2, to: 1 }),
      fromWire({ at: toWire(users).at, from: {} }),
    ]);
  });

  it('of the inverse is the changes themselves', () => {
    expect(inverse(inverse(all))).toEqual(all);
  });
});

describe('Two places', () => {
  const options = fromWire({ at: ['users', 'options'] });
  const index = fromWire({ at: ['users', 'indexes', 'a'] });
  const attribute = fromWire({ at: ['users', 'indexes', 'a', 'hidden'] });

  it('overlap when one equals or contains the other', () => {
    expect(overlaps(index, index)).toBe(true);
    expect(overlaps(index, attribute)).toBe(true);
    expect(overlaps(attribute, index)).toBe(true);
  });

  it('do not overlap when they only lie side by side', () => {
    expect(overlaps(options, index)).toBe(false);
    expect(overlaps(index, fromWire({ at: ['users', 'indexes', 'b'] }))).toBe(false);
    expect(overlaps(index, fromWire({ at: ['projects', 'indexes', 'a'] }))).toBe(false);
  });
});
