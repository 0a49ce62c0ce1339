import { Double, Long, Timestamp, type Document } from 'mongodb';
import { beforeEach, describe, expect, it } from 'vitest';
import { removeDuplicates, type RemoveDuplicatesDefinition } from '../../../src/migration';
import { german } from '../../support/collations';
import { useDatabase } from '../../support/database';
import { errorWith } from '../../support/error-with';
import { killAtEachWrite } from '../../support/killed-at-each-write';
import { runSteps } from '../../support/run-steps';

const database = useDatabase();
const users = () => database.db.collection<{ _id: number } & Document>('users');
const removed = () => database.db.collection<{ _id: number } & Document>('removed_users');
const idsIn = async (name: string) =>
  (
    await database.db
      .collection(name)
      .find({}, { projection: { _id: 1 } })
      .sort({ _id: 1 })
      .toArray()
  ).map(({ _id }) => _id as unknown);
/** Everything in a collection, byte by byte. */
const bytesIn = async (name: string) =>
  (await database.db.collection(name).find({}, { raw: true }).sort({ _id: 1 }).toArray()).map((raw) =>
    Buffer.from(raw as unknown as Uint8Array).toString('hex'),
  );
const allowed = { allowDataLoss: true };
const unique = (definition: Partial<RemoveDuplicatesDefinition> = {}) =>
  removeDuplicates('users', {
    key: ['email'],
    keep: { newest: 'at' },
    reason: 'one account per address',
    batchSize: 2,
    ...definition,
  });

beforeEach(() => database.db.dropDatabase());

const email = (_id: number, value: unknown, at?: unknown) => ({
  _id,
  ...(value !== undefined && { email: value }),
  ...(at !== undefined && { at }),
});

describe.each<[title: string, definition: Partial<RemoveDuplicatesDefinition>, before: Document[], stays: number[]]>([
  ['the newest', {}, [email(1, 'a', 1), email(2, 'a', 3), email(3, 'a', 2), email(4, 'b', 1)], [2, 4]],
  ['the oldest', { keep: { oldest: 'at' } }, [email(1, 'a', 2), email(2, 'a', 1), email(3, 'a', 3)], [2]],
  ['the newest _id of several', {}, [email(1, 'a', 1), email(2, 'a', 1), email(3, 'a')], [2]],
  [
    'the oldest _id of several',
    { keep: { oldest: 'at' } },
    [email(1, 'a'), email(2, 'a', null), email(3, 'a', 1), email(4, 'a', 1)],
    [3],
  ],
  ['by _id', { keep: { oldest: '_id' } }, [email(2, 'a'), email(1, 'a'), email(3, 'a')], [1]],
  ['missing as null', {}, [email(1, undefined, 1), email(2, null, 2), email(3, 'a', 1)], [2, 3]],
  [
    'numbers of any type',
    {},
    [
      email(1, 1, 1),
      email(2, new Double(1), 2),
      email(3, Long.fromNumber(1), 3),
      email(4, NaN),
      email(5, NaN),
      email(6, '1'),
    ],
    [3, 5, 6],
  ],
  [
    'the order of names in a document',
    {},
    [email(1, { a: 1, b: 1 }), email(2, { b: 1, a: 1 }), email(3, { a: 1, b: 1 })],
    [2, 3],
  ],
  ['sparse', { sparse: true }, [email(1, undefined), email(2, undefined), email(3, null), email(4, null)], [1, 2, 4]],
  [
    'partial',
    { partialFilterExpression: { email: { $type: 'string' } } },
    [email(1, 5), email(2, 5), email(3, 'a'), email(4, 'a')],
    [1, 2, 4],
  ],
  [
    'a collation',
    { collation: { ...german, strength: 1 } },
    [email(1, 'ANNA'), email(2, 'anna'), email(3, 'bea')],
    [2, 3],
  ],
  ['case without a collation', {}, [email(1, 'ANNA'), email(2, 'anna')], [1, 2]],
  [
    'two fields',
    { key: ['email', 'tenant.name'] },
    [
      { _id: 1, email: 'a', tenant: { name: 'x' } },
      { _id: 2, email: 'a', tenant: { name: 'y' } },
      { _id: 3, email: 'a', tenant: { name: 'x' } },
      { _id: 4, email: 'a' },
      { _id: 5, email: 'a', tenant: {} },
    ],
    [2, 3, 5],
  ],
])('removeDuplicates goes by %s', (_, definition, before, stays) => {
  const fill = async () => {
    await users().deleteMany({});
    await removed().deleteMany({});
    await users().insertMany(before as ({ _id: number } & Document)[]);
  };

  it('as a unique index does, counts what goes, and puts it back', async () => {
    await fill();
    const step = unique(definition);
    const bytes = await bytesIn('users');
    const gone = before.length - stays.length;
    if (gone > 0) {
      const why = `${gone} document${gone === 1 ? '' : 's'} would be removed`;
      await expect(runSteps(database.db, [step])).rejects.toThrow(errorWith({ code: 'DATA_LOSS', why }));
      expect(await bytesIn('users')).toEqual(bytes);
    }
    await runSteps(database.db, [step], 'up', allowed);
    expect(await idsIn('users')).toEqual(stays);
    expect([...(await bytesIn('users')), ...(await bytesIn('removed_users'))].sort()).toEqual(bytes.toSorted());
    const { key = ['email'], collation, partialFilterExpression, sparse } = definition;
    const index = {
      ...(collation && { collation: collation as { locale: string } }),
      ...(partialFilterExpression && { partialFilterExpression }),
      ...(sparse !== undefined && { sparse }),
    };
    const keys = Object.fromEntries(key.map((field) => [field, 1]));
    await database.db.command({
      createIndexes: 'users',
      indexes: [{ ...index, key: keys, unique: true, name: 'unique' }],
    });
    await runSteps(database.db, [step]);
    await users().dropIndex('unique');
    await runSteps(database.db, [step], 'down');
    expect(await bytesIn('users')).toEqual(bytes);
    expect(await removed().countDocuments()).toBe(0);
  });
});

it('Documents of any shape are moved as they are', async () => {
  const shapes = [
    new Map<string, unknown>([
      [
        '_id',
        new Map([
          ['b', 1],
          ['1', 1],
        ]),
      ],
      ['email', 'a'],
    ]),
    new Map<string, unknown>([
      ['_id', 2],
      ['email', 'a'],
      [
        'map',
        new Map([
          ['b', 1],
          ['0', 1],
        ]),
      ],
      ['$x', 1],
      ['a.b', 1],
    ]),
    new Map<string, unknown>([
      ['_id', NaN],
      ['email', 'a'],
      ['long', Long.fromString('9007199254740993')],
      ['minus', -0],
    ]),
    new Map<string, unknown>([
      ['_id', '4'],
      ['email', 'a'],
      ['stamp', { inner: new Timestamp({ t: 0, i: 0 }) }],
    ]),
  ];
  await database.db.command({ insert: 'users', documents: shapes });
  const bytes = await bytesIn('users');
  const step = unique({ keep: { newest: '_id' } });
  await runSteps(database.db, [step], 'up', allowed);
  expect(await users().countDocuments()).toBe(1);
  expect([...(await bytesIn('users')), ...(await bytesIn('removed_users'))].sort()).toEqual(bytes.toSorted());
  await runSteps(database.db, [step], 'down');
  expect(await bytesIn('users')).toEqual(bytes);
});

describe('A removeDuplicates that is stopped before any of its writes', () => {
  const seven = [1, 2, 3, 4, 5, 6, 7].map((_id) => email(_id, _id === 7 ? 'b' : 'a', _id));

  it('has set everything aside in the end', async () => {
    const writes = await killAtEachWrite(database.db, [unique()], 'up', {
      fill: async () => {
        await users().deleteMany({});
        await removed().deleteMany({});
        await users().insertMany(seven);
      },
      check: async () => {
        expect([await idsIn('users'), await idsIn('removed_users')]).toEqual([
          [6, 7],
          [1, 2, 3, 4, 5],
        ]);
      },
    });
    expect(writes).toBeGreaterThan(5);
  });

  it('has put everything back in the end', async () => {
    await killAtEachWrite(database.db, [unique()], 'down', {
      fill: async () => {
        await users().deleteMany({});
        await removed().deleteMany({});
        await users().insertMany(seven.slice(5));
        await removed().insertMany(seven.slice(0, 5));
      },
      check: async () => {
        expect([await idsIn('users'), await idsIn('removed_users')]).toEqual([[1, 2, 3, 4, 5, 6, 7], []]);
      },
    });
  });
});

it.each([
  ['a value', { $set: { note: 'new' } }],
  ['the case of a string, where a collation sees none', { $set: { email: 'A' } }],
])('A document that changes in %s while it is set aside is not lost', async (_, change) => {
  const collation = { ...german, strength: 1 };
  for (const name of ['users', 'removed_users']) await database.db.createCollection(name, { collation });
  await users().insertMany([email(1, 'a', 1), email(2, 'a', 2)]);
  let changed = false;
  await runSteps(database.db, [unique({ collation })], 'up', {
    ...allowed,
    guard: async () => {
      // The copy is made, and the document is about to be deleted.
      if (changed || (await removed().countDocuments()) === 0) return;
      changed = true;
      await users().updateOne({ _id: 1 }, change);
    },
  });
  expect(changed).toBe(true);
  expect(await removed().find().toArray()).toMatchObject([{ _id: 1, ...change.$set }]);
  expect(await idsIn('users')).toEqual([2]);
});

it('A document that becomes the only one while it is set aside stays', async () => {
  await users().insertMany([email(1, 'a', 1), email(2, 'a', 2)]);
  await runSteps(database.db, [unique()], 'up', {
    ...allowed,
    guard: async () => {
      if ((await removed().countDocuments()) > 0) await users().updateOne({ _id: 1 }, { $set: { email: 'other' } });
    },
  });
  expect(await idsIn('users')).toEqual([1, 2]);
});

it('Arrays in the key are refused, since each element is a key', async () => {
  await users().insertMany([email(1, ['a', 'b']), email(2, 'a'), email(3, 'a')]);
  await expect(runSteps(database.db, [unique()], 'up', allowed)).rejects.toThrow(
    errorWith({ code: 'PREFLIGHT', why: '1 document has an array in email' }),
  );
  expect(await idsIn('users')).toEqual([1, 2, 3]);
});

it.each([
  [
    'a unique index',
    () =>
      database.db.command({ createIndexes: 'users', indexes: [{ key: { email: 1 }, name: 'unique', unique: true }] }),
    'a unique index of users refuses',
  ],
  [
    'another document with its _id',
    () => users().insertOne(email(1, 'new', 5)),
    'users has other documents with the same _ids',
  ],
])('What %s keeps from being put back stays where it is, and is named', async (_, obstruct, why) => {
  await users().insertMany([email(1, 'a', 1), email(2, 'a', 2)]);
  await runSteps(database.db, [unique()], 'up', allowed);
  await obstruct();
  await expect(runSteps(database.db, [unique()], 'down')).rejects.toThrow(errorWith({ code: 'DUPLICATES', why }));
  expect(await removed().find().toArray()).toEqual([email(1, 'a', 1)]);
});

it('Collections of different collations are refused', async () => {
  await database.db.createCollection('users', { collation: german });
  await database.db.createCollection('removed_users');
  await users().insertMany([email(1, 'a'), email(2, 'a')]);
  await expect(runSteps(database.db, [unique()], 'up', allowed)).rejects.toThrow(
    errorWith({ code: 'PREFLIGHT', summary: 'users and removed_users have different collations' }),
  );
});

it.each<[what: string, definition: Partial<RemoveDuplicatesDefinition>, why: string]>([
  ['no reason', { reason: ' ' }, '`reason` must say why'],
  ['no key', { key: [] }, '`key` must list the fields'],
  ['no order', { keep: {} as { newest: string } }, '`keep` must be'],
  ['another order', { keep: { latest: 'at' } as unknown as { newest: string } }, '`keep` must be'],
  ['itself as the place', { into: 'users' }, '`into` must be another collection'],
  ['batches of none', { batchSize: 0 }, '`batchSize` must be a whole number'],
  ['a key with a position', { key: ['a.$'] }, 'begins with a dollar sign'],
])('removeDuplicates refuses %s', (_, definition, why) => {
  expect(() => unique(definition)).toThrow(errorWith({ code: 'MIGRATION', why }));
});
