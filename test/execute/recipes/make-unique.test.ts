import { beforeEach, describe, expect, it } from 'vitest';
import { createIndexes, makeUnique, type IndexDefinition } from '../../../src/migration';
import { readIndexes } from '../../../src/database';
import { useDatabase } from '../../support/database';
import { runSteps } from '../../support/run-steps';
import { errorWith } from '../../support/error-with';

const database = useDatabase();
const users = () => database.db.collection<{ _id: number; email: string }>('users');
const emails = () => readIndexes(database.db, 'users').then((indexes) => indexes['email_1']);
const unique = [makeUnique('users', 'email_1')];
const plain = { key: { email: 1 } };

/** A guard that ends a run as a kill would, when something holds. */
function killedWhen(holds: () => Promise<boolean>): () => Promise<void> {
  return async () => {
    if (await holds()) throw new Error('killed');
  };
}

beforeEach(async () => {
  await database.db.dropDatabase();
  await users().insertMany([
    { _id: 1, email: 'a' },
    { _id: 2, email: 'b' },
  ]);
  await runSteps(database.db, [createIndexes('users', [{ name: 'email_1', key: { email: 1 }, serves: 'sign-in' }])]);
});

describe('makeUnique', () => {
  it('makes an index over unique values unique', async () => {
    expect(await runSteps(database.db, unique)).toEqual(['done']);
    expect(await emails()).toEqual({ ...plain, unique: true });
    await expect(users().insertOne({ _id: 3, email: 'a' })).rejects.toThrow('E11000');
  });

  it('changes nothing when it runs once more', async () => {
    await runSteps(database.db, unique);
    expect(await runSteps(database.db, unique)).toEqual(['already']);
  });

  it('names the documents that have equal keys, and lets new ones in again', async () => {
    await users().insertOne({ _id: 3, email: 'a' });
    await expect(runSteps(database.db, unique)).rejects.toThrow(
      errorWith({ code: 'DUPLICATES', why: 'by _id: 1 and 3', fix: 'merge or remove these documents' }),
    );
    expect(await emails()).toEqual(plain);
    await users().insertOne({ _id: 4, email: 'b' });
  });

  it('finishes what an interrupted run prepared', async () => {
    await database.db.command({ collMod: 'users', index: { name: 'email_1', prepareUnique: true } });
    expect(await runSteps(database.db, unique)).toEqual(['done']);
    expect(await emails()).toEqual({ ...plain, unique: true });
  });

  it('says what makes the index when it is not there', async () => {
    await database.db.collection('users').dropIndex('email_1');
    await expect(runSteps(database.db, unique)).rejects.toMatchObject({ code: 'CONFLICT' });
  });
});

describe('makeUnique, going down', () => {
  beforeEach(() => runSteps(database.db, unique));

  it('leaves a plain index of the same name', async () => {
    expect(await runSteps(database.db, unique, 'down')).toEqual(['done']);
    expect(await readIndexes(database.db, 'users')).toEqual({ email_1: plain });
    await users().insertOne({ _id: 3, email: 'a' });
  });

  it.each([
    ['before the unique one was dropped', false],
    ['after it was dropped', true],
  ])('finishes a rebuild that was interrupted %s', async (_when, dropped) => {
    await users().createIndex({ email: 1, _id: 1 }, { name: 'email_1_rebuilding' }, {});
    if (dropped) await users().dropIndex('email_1');
    expect(await runSteps(database.db, unique, 'down')).toEqual(['done']);
    expect(await readIndexes(database.db, 'users')).toEqual({ email_1: plain });
  });
});

describe('makeUnique on an index of another shape', () => {
  const fields = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, at) => [`f${at}`, 1 as const]));
  const shaped = (key: IndexDefinition['key'], options: Partial<IndexDefinition> = {}) => [
    createIndexes('shapes', [{ name: 'shaped', key, serves: 'a test', ...options }]),
  ];
  const up = [makeUnique('shapes', 'shaped')];
  const shown = () => readIndexes(database.db, 'shapes');

  beforeEach(() => database.db.createCollection('shapes'));

  it.each<[title: string, key: IndexDefinition['key'], options?: Partial<IndexDefinition>]>([
    ['of 32 fields', fields(32)],
    ['whose key contains _id', { email: 1, _id: 1 }],
    ['whose key ends in _id, backwards', { email: -1, _id: -1 }],
    ['whose key begins with _id', { _id: 1, email: 1 }],
    ['that is sparse and of 32 fields', fields(32), { sparse: true }],
    [
      'that is partial and contains _id',
      { email: 1, _id: 1 },
      { partialFilterExpression: { email: { $type: 'string' } } },
    ],
    ['that deletes documents', { at: 1 }, { expireAfterSeconds: 3600 }],
    ['on places', { place: '2dsphere' }],
    ['on places and more, with _id', { place: '2dsphere', _id: 1 }],
  ])('goes there and back for one %s', async (_title, key, options) => {
    await runSteps(database.db, shaped(key, options));
    const before = await shown();
    expect(await runSteps(database.db, up)).toEqual(['done']);
    expect((await shown())['shaped']).toEqual({ ...before['shaped'], unique: true });
    expect(await runSteps(database.db, up, 'down')).toEqual(['done']);
    expect(await shown()).toEqual(before);
  });

  it.each<[title: string, key: IndexDefinition['key']]>([
    ['text', { body: 'text' }],
    ['hashed', { body: 'hashed' }],
    ['wildcard, which would end the server', { '$**': 1 }],
    ['compound wildcard, which would end the server', { a: 1, 'b.$**': 1 }],
  ])('is refused before anything is sent for %s', async (_title, key) => {
    await runSteps(database.db, shaped(key));
    const before = await shown();
    await expect(runSteps(database.db, up)).rejects.toThrow(
      errorWith({ code: 'CONFLICT', why: 'is unique, which is not allowed for text, wildcard and hashed indexes' }),
    );
    expect(await shown()).toEqual(before);
  });

  it('finishes a rebuild in reverse that was interrupted', async () => {
    await runSteps(database.db, shaped({ email: 1, _id: -1 }));
    await runSteps(database.db, up);
    await database.db.collection('shapes').createIndex({ email: -1, _id: 1 }, { name: 'shaped_reversed' }, {});
    await database.db.collection('shapes').dropIndex('shaped');
    expect(await runSteps(database.db, up, 'down')).toEqual(['done']);
    expect(await shown()).toEqual({ shaped: { key: { email: 1, _id: -1 } } });
  });

  it('finishes an interrupted rebuild of one that deletes documents, and keeps its TTL', async () => {
    await runSteps(database.db, shaped({ at: 1 }, { expireAfterSeconds: 3600 }));
    await runSteps(database.db, up);
    const shapes = database.db.collection('shapes');
    const failing = {
      guard: killedWhen(() =>
        shapes
          .listIndexes()
          .toArray()
          .then((all) => all.length === 3),
      ),
    };
    await expect(runSteps(database.db, up, 'down', failing)).rejects.toThrow('killed');
    expect(await shown()).toMatchObject({ shaped_reversed: { key: { at: -1 }, expireAfterSeconds: 3600 } });
    await shapes.dropIndex('shaped');
    expect(await runSteps(database.db, up, 'down')).toEqual(['done']);
    expect(await shown()).toEqual({ shaped: { key: { at: 1 }, expireAfterSeconds: 3600 } });
  });

  it('is not taken back where the collection has 64 indexes, and says so', async () => {
    await runSteps(database.db, shaped({ email: 1 }));
    await runSteps(database.db, up);
    const others = Array.from({ length: 62 }, (_, at) => ({ name: `other_${at}`, key: { [`o${at}`]: 1 } }));
    await database.db.command({ createIndexes: 'shapes', indexes: others });
    await expect(runSteps(database.db, up, 'down')).rejects.toThrow(
      errorWith({ code: 'CONFLICT', why: 'shapes has 64 indexes, and a temporary index is needed' }),
    );
    expect((await shown())['shaped']).toEqual({ key: { email: 1 }, unique: true });
  });
});
