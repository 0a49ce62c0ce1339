import type { Db } from 'mongodb';
import { beforeEach, describe, expect, it } from 'vitest';
import { createCollections, createIndexes, migration, type Step } from '../../src/migration';
import { runMigration, type JudgedChange } from '../../src/execute';
import { dropViews } from '../../src/execute/kinds/view';
import { addValidator, changeTtl, changeView, createView, dropView, insertDocuments } from '../../src/migration';
import { canonicalJson } from '../../src/schema';
import { readSchema } from '../../src/database';
import { useDatabase } from '../support/database';
import { runShownCommands } from '../support/mongosh';
import { sessionOn } from '../support/migrations';

const database = useDatabase();
beforeEach(() => database.db.dropDatabase());

async function run(...steps: Step[]) {
  return runMigration(await sessionOn(database.db), migration('20260101000000-test.ts', ...steps), 'up');
}

/** The message that the steps are refused with; the schema is as it was before. */
async function refusalOf(...steps: Step[]): Promise<string> {
  const before = canonicalJson((await readSchema(database.db)).schema);
  const error = await run(...steps).then(
    () => expect.fail('the migration went through'),
    (reason: unknown) => reason as Error & { code?: unknown },
  );
  expect(error.code).toBe('CONFLICT');
  expect(canonicalJson((await readSchema(database.db)).schema)).toBe(before);
  return error.message;
}

/** The message, after what it advises to run in mongosh was run, and the steps went through. */
async function mendedRefusalOf(...steps: Step[]): Promise<string> {
  const message = await refusalOf(...steps);
  expect(await runShownCommands(database.db, message)).toBeGreaterThan(0);
  await run(...steps);
  return message;
}

const email = { name: 'email_1', key: { email: 1 }, serves: 'sign-in' } as const;

describe('Something else in the place of an index', () => {
  beforeEach(() => database.db.createCollection('users'));

  it('is refused when the same name has other keys', async () => {
    await database.db.collection('users').createIndex({ mail: 1 }, { name: 'email_1' }, {});
    const message = await mendedRefusalOf(createCollections('other'), createIndexes('users', [email]));
    expect(message).toContain('index users.email_1 is not as expected');
    expect(message).toContain('{"key":{"mail":1}}');
    expect(message).toContain('{"key":{"email":1}}');
    expect(message).toContain('drop the index, and build it again');
  });

  it('is refused when the same name is not unique', async () => {
    await database.db.collection('users').createIndex({ email: 1 }, { name: 'email_1' }, {});
    expect(await mendedRefusalOf(createIndexes('users', [{ ...email, unique: true }]))).toContain('"unique":true');
  });

  it('is refused when the order of the keys differs', async () => {
    await database.db.collection('users').createIndex({ b: 1, a: 1 }, { name: 'a_1_b_1' }, {});
    await mendedRefusalOf(createIndexes('users', [{ name: 'a_1_b_1', key: { a: 1, b: 1 }, serves: 'order' }]));
  });

  it('names changeTtl when only the TTL differs', async () => {
    await database.db.collection('users').createIndex({ at: 1 }, { expireAfterSeconds: 60 }, {});
    const at = { name: 'at_1', key: { at: 1 }, expireAfterSeconds: 90, serves: 'forgetting' } as const;
    const message = await mendedRefusalOf(createIndexes('users', [at]));
    expect(message).toContain('only the TTL differs');
    expect(message).not.toContain('deletes documents');
  });

  it('says what a shorter TTL deletes', async () => {
    await database.db.collection('users').createIndex({ at: 1 }, { expireAfterSeconds: 90 }, {});
    const at = { name: 'at_1', key: { at: 1 }, expireAfterSeconds: 60, serves: 'forgetting' } as const;
    expect(await mendedRefusalOf(createIndexes('users', [at]))).toContain('deletes documents that are older than 60 s');
  });

  it('names the twin when the same keys and options go by another name', async () => {
    await database.db.collection('users').createIndex({ email: 1 }, { name: 'by_email' }, {});
    expect(await mendedRefusalOf(createIndexes('users', [email]))).toContain(
      'the index by_email has the same keys and options',
    );
  });

  it('is refused when a second text index would be made', async () => {
    await database.db.collection('users').createIndex({ bio: 'text' });
    const name = { name: 'name_text', key: { name: 'text' }, serves: 'search' } as const;
    expect(await mendedRefusalOf(createIndexes('users', [name]))).toContain('only one text index, and bio_text exists');
  });

  it('is not seen in an index that is equal', async () => {
    await database.db.collection('users').createIndex({ email: 1 });
    expect((await run(createIndexes('users', [email]))).changes.map(({ outcome }) => outcome)).toEqual(['already']);
  });

  it('is refused when a TTL is neither the old nor the new one', async () => {
    await database.db.collection('users').createIndex({ at: 1 }, { expireAfterSeconds: 60 }, {});
    const message = await mendedRefusalOf(changeTtl('users', 'at_1', { from: 10, to: 20 }));
    expect(message).toMatch(/found: +60/);
    expect(message).toMatch(/expected: 10, or 20/);
  });

  it('is told from an index or a TTL that does not exist', async () => {
    const shorter = changeTtl('users', 'at_1', { from: 20, to: 10 });
    const withoutIndex = await refusalOf(shorter);
    expect(withoutIndex).toMatch(/ the index users\.at_1 does not exist\n +found: +nothing\n +expected: 20, or 10\n/);
    expect(withoutIndex).toContain('createIndexes makes the index');
    await database.db.collection('users').createIndex({ at: 1 });
    const withoutTtl = await mendedRefusalOf(shorter);
    expect(withoutTtl).toMatch(/ TTL of index users\.at_1 does not exist\n +found: +nothing\n +expected: 20, or 10\n/);
    expect(withoutTtl).toContain('use the present value as the `from` of that change');
  });

  it('lists everything that is in the way at once', async () => {
    await database.db.createCollection('events', { capped: true, size: 4096 });
    await database.db.collection('users').createIndex({ mail: 1 }, { name: 'email_1' }, {});
    const message = await refusalOf(createCollections('events'), createIndexes('users', [email]));
    expect(message).toContain('collection events');
    expect(message).toContain('index users.email_1');
  });
});

describe('Something else in the place of a collection', () => {
  it.each<[string, (db: Db) => Promise<unknown>, string]>([
    ['a capped collection', (db) => db.createCollection('events', { capped: true, size: 4096 }), '"capped":true'],
    ['another collation', (db) => db.createCollection('events', { collation: { locale: 'fr' } }), '"locale":"fr"'],
    ['a view', (db) => db.createCollection('events', { viewOn: 'users', pipeline: [] }), 'a view with that name'],
    [
      'time series',
      (db) => db.createCollection('events', { timeseries: { timeField: 'at' } }),
      '"timeseries":{"timeField":"at"}',
    ],
    [
      'a clustered collection',
      (db) => db.createCollection('events', { clusteredIndex: { key: { _id: 1 }, unique: true } }),
      '"clusteredIndex"',
    ],
  ])('is refused when it is %s', async (_what, make, shown) => {
    await make(database.db);
    expect(await refusalOf(createCollections('events'))).toContain(shown);
  });

  it('is refused when the collection of an index is missing', async () => {
    expect(await refusalOf(createIndexes('users', [email]))).toContain('createCollections makes it');
  });
});

describe('Something else in the place of a view', () => {
  const all = { on: 'users', pipeline: [] };
  const some = { on: 'users', pipeline: [{ $match: { a: 1 } }] };
  const make = (name: string, options: object = {}) =>
    database.db.createCollection(name, { viewOn: 'users', pipeline: [], ...options });
  beforeEach(() => database.db.createCollection('users'));

  it('is refused when it is a collection, or time series', async () => {
    await database.db.createCollection('people');
    expect(await mendedRefusalOf(createView('people', all))).toContain(
      'view people: a collection with that name exists',
    );
    await database.db.createCollection('measures', { timeseries: { timeField: 'at' } });
    expect(await refusalOf(createView('measures', all))).toContain('a time series with that name exists');
  });

  it('is refused when the view is another one', async () => {
    await make('people');
    const message = await mendedRefusalOf(createView('people', some));
    expect(message).toContain('view people is not as expected');
    expect(message).toContain('use the present view as the `from` of changeView');
    await mendedRefusalOf(changeView('people', { from: all, to: { on: 'users', pipeline: [{ $limit: 1 }] } }));
    await mendedRefusalOf(dropView('people', some));
  });

  it('is refused when the view has another collation', async () => {
    await make('people', { collation: { locale: 'de' } });
    expect(await mendedRefusalOf(createView('people', all))).toContain('the collation of a view cannot be changed');
  });

  it('is refused when the view that is to be changed is missing, or a collection stands there', async () => {
    expect(await refusalOf(changeView('people', { from: all, to: some }))).toContain('createView makes the view');
    await database.db.createCollection('people');
    expect(await refusalOf(changeView('people', { from: all, to: some }))).toContain('createView makes the view');
  });

  it('is no conflict for a drop: the view is gone', async () => {
    await database.db.collection('people').insertOne({ kept: true });
    expect((await run(dropView('people', all))).changes.map(({ outcome }) => outcome)).toEqual(['already']);
    expect(await database.db.collection('people').countDocuments()).toBe(1);
  });

  it('is refused when what lies in a collection is to lie in a view', async () => {
    await make('people');
    expect(await refusalOf(createIndexes('people', [email]))).toContain('a view has that name');
    expect(await refusalOf(addValidator('people', { a: 1 }))).toContain('a view has that name');
    expect(await refusalOf(insertDocuments('people', [{ _id: 1 }]))).toContain('a view has that name');
  });

  it('is not dropped in place of the view that was judged', async () => {
    await database.db.collection('people').insertOne({ kept: true });
    const [change] = dropView('people', all).changes;
    const judged = [{ change, verdict: 'pending' }] as readonly JudgedChange<'view'>[];
    await expect(dropViews(await sessionOn(database.db), 'people', judged)).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining('a collection now has this name') as string,
    });
    expect(await database.db.collection('people').countDocuments()).toBe(1);
  });
});

describe('Something else in the place of a validator or a row', () => {
  it('is refused when another validator is there', async () => {
    await database.db.createCollection('users', { validator: { a: 1 } });
    expect(await mendedRefusalOf(addValidator('users', { b: 1 }))).toContain('change the present validator');
  });

  it('is refused when the validator is there with another action', async () => {
    await database.db.createCollection('users', { validator: { a: 1 }, validationAction: 'warn' });
    expect(await mendedRefusalOf(addValidator('users', { a: 1 }))).toContain('"validationAction":"warn"');
  });

  it('is refused when somebody edited a row that would be inserted', async () => {
    await database.db.collection<{ _id: string; label: string }>('plans').insertOne({ _id: 'free', label: 'Gratis' });
    const message = await mendedRefusalOf(insertDocuments('plans', [{ _id: 'free', label: 'Free' }]));
    expect(message).toContain('"label":"Gratis"');
  });
});
