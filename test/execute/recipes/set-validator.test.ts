import { beforeEach, describe, expect, it } from 'vitest';
import { judgePending } from '../../../src/execute';
import { addValidator, changeValidator } from '../../../src/migration';
import { readSchema } from '../../../src/database';
import { useDatabase } from '../../support/database';
import { runSteps } from '../../support/run-steps';
import { errorWith } from '../../support/error-with';

const database = useDatabase();
const users = () => database.db.collection<{ _id: number; age?: number }>('users');
const validator = () => readSchema(database.db).then(({ schema }) => schema['users']?.validator);
const loose = { $jsonSchema: { properties: { age: { bsonType: 'number' } } } };
const tight = { $jsonSchema: { required: ['age'], properties: { age: { bsonType: 'number' } } } };
const tighten = [changeValidator('users', { from: { validator: loose }, to: { validator: tight } })];

beforeEach(async () => {
  await database.db.dropDatabase();
  await database.db.createCollection('users', { validator: loose });
});

describe('A tighter validator', () => {
  it('becomes strict when every document meets it', async () => {
    await users().insertOne({ _id: 1, age: 5 });
    expect(await runSteps(database.db, tighten)).toEqual(['done']);
    expect(await validator()).toEqual({ validator: tight });
  });

  it('is taken back when a document does not, and names some that do not', async () => {
    await users().insertMany([{ _id: 1 }, { _id: 2, age: 5 }, { _id: 3 }]);
    await expect(runSteps(database.db, tighten)).rejects.toThrow(
      errorWith({
        code: 'VIOLATORS',
        summary: 'The new validator would refuse 2 documents of users',
        why: 'for example _id 1, 3; the old validator is in place',
      }),
    );
    expect(await validator()).toEqual({ validator: loose });
    await users().updateOne({ _id: 1 }, { $set: { age: 1 } });
  });

  it('that fails for a document names it, and is taken back', async () => {
    await users().insertMany([{ _id: 1, age: 5 }, { _id: 2, age: 0 }, { _id: 3 }]);
    const dividing = { $expr: { $gt: [{ $divide: [10, '$age'] }, 1] } };
    const steps = [changeValidator('users', { from: { validator: loose }, to: { validator: dividing } })];
    const error = await runSteps(database.db, steps).catch((thrown: unknown) => thrown as Error);
    expect(error).toMatchObject({
      code: 'VIOLATORS',
      summary: 'The new validator cannot be applied to a document of users',
    });
    expect((error as Error).message).toContain('_id 2: it cannot be applied to every document');
    expect(await validator()).toEqual({ validator: loose });
  });

  it('goes on when a run was interrupted while it was moderate', async () => {
    await users().insertOne({ _id: 1, age: 5 });
    await database.db.command({ collMod: 'users', validator: tight, validationLevel: 'moderate' });
    expect(await runSteps(database.db, tighten)).toEqual(['done']);
    expect(await validator()).toEqual({ validator: tight });
  });

  it('is what a later migration finds, as soon as the one that was interrupted is pending', async () => {
    await database.db.command({ collMod: 'users', validator: tight, validationLevel: 'moderate' });
    const loosen = changeValidator('users', { from: { validator: tight }, to: { validator: loose } });
    const changes = [...tighten, loosen].flatMap((step) => step.changes);
    const verdicts = judgePending(await readSchema(database.db), [{ name: 'both', changes }], 'up');
    expect([...verdicts.values()]).toEqual(['pending', 'pending']);
  });

  it('goes down to the old one', async () => {
    await runSteps(database.db, tighten);
    expect(await runSteps(database.db, tighten, 'down')).toEqual(['done']);
    expect(await validator()).toEqual({ validator: loose });
  });
});

describe('A first validator', () => {
  it('is not left behind when documents violate it', async () => {
    await database.db.command({ collMod: 'users', validator: {} });
    await users().insertOne({ _id: 1 });
    await expect(runSteps(database.db, [addValidator('users', tight)])).rejects.toMatchObject({ code: 'VIOLATORS' });
    expect(await validator()).toBeUndefined();
  });

  it('that only warns is set whatever documents there are', async () => {
    await database.db.command({ collMod: 'users', validator: {} });
    await users().insertOne({ _id: 1 });
    await runSteps(database.db, [addValidator('users', tight, { validationAction: 'warn' })]);
    expect(await validator()).toEqual({ validator: tight, validationAction: 'warn' });
  });
});
