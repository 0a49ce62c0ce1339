import { ObjectId } from 'mongodb';
import { beforeEach, describe, expect, it } from 'vitest';
import { addValidator, backfill, dropField, irreversible, run } from '../../../src/migration';
import { useDatabase } from '../../support/database';
import { runSteps } from '../../support/run-steps';

const database = useDatabase();
const posts = () =>
  database.db.collection<{ _id: string | number | ObjectId; legacy?: unknown; other?: number }>('posts');
const language = backfill('posts', {
  filter: { language: { $exists: false } },
  update: { $set: { language: 'en' } },
  batchSize: 10,
  undo: { filter: { language: 'en' }, update: { $unset: { language: '' } } },
});
const without = () => posts().countDocuments({ language: { $exists: false } });

beforeEach(() => database.db.dropDatabase());

/** Ids of several types: a plain comparison of ids would stop at the first change of type. */
const mixed = [
  ...Array.from({ length: 25 }, (_, at) => ({ _id: at })),
  ...Array.from({ length: 25 }, (_, at) => ({ _id: `id ${at}` })),
  ...Array.from({ length: 25 }, () => ({ _id: new ObjectId() })),
];

describe('backfill', () => {
  it('updates every document, whatever the types of their ids', async () => {
    await posts().insertMany(mixed);
    await runSteps(database.db, [language]);
    expect(await without()).toBe(0);
    expect(await posts().countDocuments()).toBe(75);
  });

  it('goes down by the backfill that undoes it', async () => {
    await posts().insertMany(mixed);
    await runSteps(database.db, [language]);
    await runSteps(database.db, [language], 'down');
    expect(await without()).toBe(75);
  });

  it('goes on from its checkpoint after it was stopped, and leaves none behind', async () => {
    await posts().insertMany(mixed);
    let asked = 0;
    const stopped = runSteps(database.db, [language], 'up', {
      // Before the step, and before each batch.
      guard: () => (++asked > 5 ? Promise.reject(new Error('stopped')) : Promise.resolve()),
    });
    await expect(stopped).rejects.toThrow('stopped');
    expect(await without()).toBe(75 - 40);
    const checkpoints = database.db.collection('schema_checkpoints');
    expect(await checkpoints.find().toArray()).toMatchObject([{ done: 40 }]);
    await runSteps(database.db, [language]);
    expect(await without()).toBe(0);
    expect(await checkpoints.countDocuments()).toBe(0);
  });

  it('finds documents that came in behind its walk', async () => {
    await posts().insertMany(mixed);
    let inserted = false;
    await runSteps(database.db, [language], 'up', {
      guard: async () => {
        if (inserted || (await without()) > 40) return;
        inserted = true;
        await posts().insertOne({ _id: -1 });
      },
    });
    expect(inserted).toBe(true);
    expect(await without()).toBe(0);
  });

  it('comes before a validator that needs it, in one migration', async () => {
    await posts().insertMany(mixed);
    await runSteps(database.db, [language, addValidator('posts', { $jsonSchema: { required: ['language'] } })]);
    await expect(posts().insertOne({ _id: 'new' })).rejects.toThrow('Document failed validation');
  });
});

describe('dropField', () => {
  const legacy = dropField('posts', 'legacy', { reason: 'nothing has read it since March' });

  it('removes the field from every document', async () => {
    await posts().insertMany([
      { _id: 1, legacy: 1 },
      { _id: 2, other: 1 },
      { _id: 3, legacy: null },
    ]);
    await runSteps(database.db, [legacy], 'up', { allowDataLoss: true });
    expect(await posts().countDocuments({ legacy: { $exists: true } })).toBe(0);
  });

  it('refuses to go down, with the reason', async () => {
    await expect(runSteps(database.db, [legacy], 'down')).rejects.toMatchObject({
      code: 'IRREVERSIBLE',
      message: expect.stringContaining('nothing has read it since March') as string,
    });
  });
});

describe('run', () => {
  const seeded = run('seed the counters', {
    isDone: async (db) => (await db.collection('counters').countDocuments()) > 0,
    run: async ({ db, guard }) => {
      await guard();
      await db.collection('counters').insertOne({ n: 0 });
    },
    undo: irreversible('counters have moved on'),
  });

  it('runs once', async () => {
    await runSteps(database.db, [seeded]);
    await runSteps(database.db, [seeded]);
    expect(await database.db.collection('counters').countDocuments()).toBe(1);
  });

  it('that is not done when it has run is an error', async () => {
    const idle = run('do nothing', {
      isDone: () => Promise.resolve(false),
      run: () => Promise.resolve(),
      undo: 'nothing to undo',
    });
    await expect(runSteps(database.db, [idle])).rejects.toThrow(
      '"do nothing" ran to its end, but its own check says that it is not done',
    );
  });
});
