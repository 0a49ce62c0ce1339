import { MongoServerError, ObjectId } from 'mongodb';
import { beforeAll, describe, expect, test } from 'vitest';
import type { CollectionName } from '../../models';
import { deployProduct } from '../support/product';
import { useDatabase } from '../support/database';
import { refusal } from '../support/refusals';
import { sample } from '../support/samples';

describe('what must be unique', () => {
  const database = useDatabase();
  beforeAll(() => deployProduct(database));

  const insert = (name: CollectionName, change: object = {}) =>
    database.db.collection(name).insertOne({ ...sample(name), ...change });

  const duplicate = async (write: Promise<unknown>) => {
    const error: unknown = await write.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    return error instanceof MongoServerError && error.code === 11000 ? (error['keyPattern'] as object) : error;
  };

  test('two accounts may not share an email', async () => {
    await insert('users', { email: 'one@example.com' });
    await insert('users', { email: 'two@example.com' });
    expect(await duplicate(insert('users', { email: 'one@example.com' }))).toEqual({ email: 1 });
  });

  describe.each(['google_id', 'github_id'])('oauth.%s', (id) => {
    test('may be absent from any number of accounts', async () => {
      await insert('users');
      await insert('users');
      await insert('users', { oauth: {} });
      await insert('users', { oauth: {} });
    });

    test('may not be null, not even once', async () => {
      expect(await refusal(insert('users', { oauth: { [id]: null } }))).toEqual([`oauth.${id}: bsonType`]);
    });

    test('may not stand in two accounts', async () => {
      await insert('users', { oauth: { [id]: 'a' } });
      await insert('users', { oauth: { [id]: 'b' } });
      expect(await duplicate(insert('users', { oauth: { [id]: 'a' } }))).toEqual({ [`oauth.${id}`]: 1 });
    });
  });

  test('the same id at Google and at GitHub is no collision', async () => {
    await insert('users', { oauth: { google_id: 'same', github_id: 'same' } });
  });

  test('a project has one schedule', async () => {
    const project_id = new ObjectId();
    await insert('schedules', { project_id });
    await insert('schedules');
    expect(await duplicate(insert('schedules', { project_id }))).toEqual({ project_id: 1 });
  });

  test('a token belongs to one session', async () => {
    await insert('refresh_tokens', { token: 'a'.repeat(32) });
    await insert('refresh_tokens', { token: 'b'.repeat(32) });
    expect(await duplicate(insert('refresh_tokens', { token: 'a'.repeat(32) }))).toEqual({ token: 1 });
  });

  test('a person may not give two presets one name, two people may', async () => {
    const user_id = new ObjectId();
    await insert('presets', { user_id, name: 'Shops' });
    await insert('presets', { user_id, name: 'Forums' });
    await insert('presets', { name: 'Shops' });
    expect(await duplicate(insert('presets', { user_id, name: 'Shops' }))).toEqual({ user_id: 1, name: 1 });
  });

  test('a name of the system is free for people, and taken for the system', async () => {
    await insert('presets', { name: 'starter' });
    expect(await duplicate(insert('presets', { user_id: null, name: 'starter' }))).toEqual({ user_id: 1, name: 1 });
  });
});
