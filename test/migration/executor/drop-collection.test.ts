import { beforeEach, describe, expect, it } from 'vitest';
import { createCollections, migration, runMigration } from '../../../src/migration';
import { encodeClosed, readSchema, validationOf } from '../../../src/schema';
import { useDatabase } from '../../support/database';
import { sessionOn } from '../../support/migrations';

const database = useDatabase();
const users = migration('20260101000000-users.ts', createCollections('users'));
const validator = { $jsonSchema: { required: ['email'] } };

beforeEach(async () => {
  await database.db.dropDatabase();
  await runMigration(await sessionOn(database.db), users, 'up');
  await database.db.command({ collMod: 'users', validator, validationLevel: 'moderate', validationAction: 'warn' });
});

const down = async (allowDataLoss = false) =>
  runMigration(await sessionOn(database.db, { allowDataLoss }), users, 'down');

async function optionsOfUsers() {
  const [info] = await database.db.listCollections({ name: 'users' }, { nameOnly: false }).toArray();
  return info?.options;
}

describe('Dropping a collection that holds documents', () => {
  beforeEach(() => database.db.collection('users').insertMany([{ email: 'a' }, { email: 'b' }]));

  it('is refused with their number, and leaves the collection as it was', async () => {
    await expect(down()).rejects.toMatchObject({
      code: 'DATA_LOSS',
      message: expect.stringContaining('holds 2 documents') as string,
    });
    expect(await optionsOfUsers()).toEqual({ validator, validationLevel: 'moderate', validationAction: 'warn' });
    await database.db.collection('users').insertOne({ email: 'c' });
    expect(await database.db.collection('users').countDocuments()).toBe(3);
  });

  it('is done when the run may lose them', async () => {
    await down(true);
    expect(await optionsOfUsers()).toBeUndefined();
  });
});

describe('Dropping an empty collection', () => {
  it('lets no document slip in between the count and the drop', async () => {
    let acknowledged = 0;
    const writer = async () => {
      for (let at = 0; at < 200; at++) {
        await database.db.collection('users').insertOne({ email: `${at}` });
        acknowledged++;
      }
    };
    const [dropped] = await Promise.allSettled([down(), writer().catch(() => undefined)]);
    const left = await database.db.collection('users').countDocuments();
    // Either the drop came first, and later writes made the collection anew, or it was refused: none was lost.
    if (dropped.status === 'rejected') expect(dropped.reason).toMatchObject({ code: 'DATA_LOSS' });
    expect(left).toBe(acknowledged);
  });
});

describe('A collection that an interrupted drop left closed', () => {
  beforeEach(async () => {
    const before = validationOf((await optionsOfUsers()) ?? {});
    await database.db.command({ collMod: 'users', ...encodeClosed(before) });
  });

  it('refuses every document', async () => {
    await expect(database.db.collection('users').insertOne({ email: 'a' })).rejects.toThrow(
      'Document failed validation',
    );
  });

  it('is read with the validator that it had before', async () => {
    const { schema, closed } = await readSchema(database.db);
    expect([...closed.keys()]).toEqual(['users']);
    expect(schema['users']?.validator).toEqual({ validator, validationLevel: 'moderate', validationAction: 'warn' });
  });

  it('is opened again by the next run', async () => {
    await runMigration(await sessionOn(database.db), users, 'up');
    expect(await optionsOfUsers()).toEqual({ validator, validationLevel: 'moderate', validationAction: 'warn' });
  });

  it('is dropped when the run goes down', async () => {
    await down();
    expect(await optionsOfUsers()).toBeUndefined();
  });
});
