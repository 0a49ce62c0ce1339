import type { Document } from 'mongodb';
import { beforeEach, describe, expect, it } from 'vitest';
import { addValidator, changeView, createIndexes, createView, dropView, renameCollection } from '../../src/migration';
import { readSchema } from '../../src/database';
import { useDatabase } from '../support/database';
import { runSteps } from '../support/run-steps';

const database = useDatabase();
const rename = renameCollection('accounts', 'customers');
const email = { name: 'email_1', key: { email: 1 }, unique: true, serves: 'sign-in' } as const;

beforeEach(async () => {
  await database.db.dropDatabase();
  await database.db.createCollection('accounts', { changeStreamPreAndPostImages: { enabled: true } });
  await runSteps(database.db, [
    addValidator('accounts', { email: { $type: 'string' } }),
    createIndexes('accounts', [email]),
  ]);
  await database.db.collection('accounts').insertMany([{ email: 'a' }, { email: 'b' }]);
});

const names = async () =>
  (await database.db.listCollections({}, { nameOnly: true }).toArray())
    .map(({ name }) => name)
    .filter((name) => !name.startsWith('system.'))
    .sort();
const infoOf = async (name: string): Promise<Document | undefined> =>
  (await database.db.listCollections({ name }).toArray())[0];
const count = (name: string) => database.db.collection(name).countDocuments();
const refusal = (...steps: Parameters<typeof runSteps>[1]) =>
  runSteps(database.db, steps).then(
    () => expect.fail('it went through'),
    (error: unknown) => error as Error & { code?: unknown },
  );

describe('Renaming a collection', () => {
  it('takes everything along, and gives it back, each once', async () => {
    const before = await infoOf('accounts');
    const { accounts } = (await readSchema(database.db)).schema;
    expect(await runSteps(database.db, [rename])).toEqual(['done']);
    expect(await infoOf('customers')).toEqual({ ...before, name: 'customers' });
    expect((await readSchema(database.db)).schema).toEqual({ customers: accounts });
    expect(await count('customers')).toBe(2);
    expect(await runSteps(database.db, [rename])).toEqual(['already']);
    expect(await runSteps(database.db, [rename], 'down')).toEqual(['done']);
    expect(await infoOf('accounts')).toEqual(before);
    expect(await runSteps(database.db, [rename], 'down')).toEqual(['already']);
    expect(await names()).toEqual(['accounts']);
  });

  it('takes a capped one along', async () => {
    await database.db.createCollection('log', { capped: true, size: 4096 });
    await runSteps(database.db, [renameCollection('log', 'journal')]);
    expect(await infoOf('journal')).toMatchObject({ options: { capped: true, size: 4096 } });
  });

  it('goes with a view that keeps the old name: reads go on there, and a write makes no collection', async () => {
    const steps = [rename, createView('accounts', { on: 'customers', pipeline: [] })];
    expect(await runSteps(database.db, steps)).toEqual(['done', 'done']);
    expect(await count('accounts')).toBe(2);
    await expect(database.db.collection('accounts').insertOne({ email: 'c' })).rejects.toMatchObject({ code: 166 });
    expect(await runSteps(database.db, steps)).toEqual(['already', 'already']);
    expect(await runSteps(database.db, steps, 'down')).toEqual(['done', 'done']);
    expect(await names()).toEqual(['accounts']);
  });

  it('goes on after each of its steps, up and down, where a view had the new name and another read the old one', async () => {
    const sides = [
      { on: 'accounts', pipeline: [] },
      { on: 'customers', pipeline: [] },
    ] as const;
    const [from, to] = sides;
    await runSteps(database.db, [createView('customers', from), createView('all', from)]);
    const steps = [
      dropView('customers', from),
      rename,
      changeView('all', { from, to }),
      createView('accounts', { on: 'customers', pipeline: [] }),
    ];
    for (const direction of ['up', 'down'] as const) {
      const before = await readSchema(database.db);
      for (let allowed = 0; allowed < steps.length; allowed++) {
        let commands = 0;
        const guard = () => (++commands > allowed ? Promise.reject(new Error('stopped')) : Promise.resolve());
        await expect(runSteps(database.db, steps, direction, { guard })).rejects.toThrow('stopped');
        const outcomes = await runSteps(database.db, steps, direction);
        expect(outcomes.filter((outcome) => outcome === 'done')).toHaveLength(steps.length - allowed);
        const back = direction === 'up' ? 'down' : 'up';
        await runSteps(database.db, steps, back);
        expect((await readSchema(database.db)).schema).toEqual(before.schema);
      }
      await runSteps(database.db, steps, direction);
      expect(await count('all')).toBe(2);
    }
  });
});

describe('Renaming a collection is refused, and nothing is changed,', () => {
  it.each<[title: string, make: () => Promise<unknown>, why: RegExp]>([
    [
      'where a collection has the new name, though it is empty',
      () => database.db.createCollection('customers'),
      /found: {4}"accounts and customers"[^]*both collections exist[^]*Move the documents/,
    ],
    [
      'where a view has it',
      () => database.db.createCollection('customers', { viewOn: 'accounts', pipeline: [] }),
      /a view named customers exists/,
    ],
    [
      'where neither is there',
      () => database.db.dropCollection('accounts'),
      /found: {4}nothing[^]*neither accounts nor customers/,
    ],
  ])('%s', async (_, make, why) => {
    await make();
    const before = (await readSchema(database.db)).schema;
    const error = await refusal(rename);
    expect(error.code).toBe('CONFLICT');
    expect(error.message).toMatch(why);
    expect((await readSchema(database.db)).schema).toEqual(before);
  });

  it('where an application made the old collection anew after the rename, in either direction', async () => {
    await runSteps(database.db, [rename]);
    await database.db.collection('accounts').insertOne({ email: 'late' });
    expect((await refusal(rename)).message).toContain('An application that uses accounts');
    await expect(runSteps(database.db, [rename], 'down')).rejects.toMatchObject({ code: 'CONFLICT' });
    expect([await count('accounts'), await count('customers')]).toEqual([1, 2]);
    // As it is advised.
    const move = [{ $merge: { into: 'customers', whenMatched: 'fail' } }];
    await database.db.collection('accounts').aggregate(move).toArray();
    await database.db.dropCollection('accounts');
    expect(await runSteps(database.db, [rename])).toEqual(['already']);
    expect(await count('customers')).toBe(3);
  });

  it('where the new name is taken right before the command: no document of either is lost', async () => {
    const guard = async () => {
      await database.db.collection('customers').insertOne({ _id: 1 as never });
    };
    await expect(runSteps(database.db, [rename], 'up', { guard })).rejects.toMatchObject({
      code: 'SERVER',
      message: expect.stringContaining('Cannot rename collection accounts to customers: NamespaceExists') as string,
    });
    expect([await count('accounts'), await count('customers')]).toEqual([2, 1]);
  });

  it('where another collection has the old name right before the command', async () => {
    const guard = async () => {
      await database.db.dropCollection('accounts');
      await database.db.createCollection('accounts');
    };
    await expect(runSteps(database.db, [rename], 'up', { guard })).rejects.toMatchObject({ code: 'DRIFT' });
    expect(await names()).toEqual(['accounts']);
  });
});
