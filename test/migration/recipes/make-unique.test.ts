import { beforeEach, describe, expect, it } from 'vitest';
import { createIndexes, makeUnique } from '../../../src/migration';
import { readIndexes } from '../../../src/schema';
import { useDatabase } from '../../support/database';
import { runSteps } from '../../support/run-steps';

const database = useDatabase();
const users = () => database.db.collection<{ _id: number; email: string }>('users');
const emails = () => readIndexes(database.db, 'users').then((indexes) => indexes['email_1']);
const unique = [makeUnique('users', 'email_1')];
const plain = { key: { email: 1 } };

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
    await expect(runSteps(database.db, unique)).rejects.toThrow(/by _id 1 and 3\. Merge or remove them/);
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
