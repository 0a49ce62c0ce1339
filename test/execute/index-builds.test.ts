import { MongoClient } from 'mongodb';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { createIndexes, migration } from '../../src/migration';
import { runMigration } from '../../src/execute';
import { useDatabase } from '../support/database';
import { sessionOn } from '../support/migrations';

const database = useDatabase();
const email = { name: 'email_1', key: { email: 1 }, unique: true, serves: 'sign-in' } as const;
const unique = migration('20260101000000-email.ts', createIndexes('users', [email]));

const failPoint = (mode: string) =>
  database.client.db('admin').command({ configureFailPoint: 'hangAfterStartingIndexBuild', mode });

/** Starts the same build from elsewhere, and lets it hang where `listIndexes` shows it like a ready index. */
async function startHangingBuild(): Promise<{ client: MongoClient; build: Promise<unknown> }> {
  await failPoint('alwaysOn');
  const client = new MongoClient(inject('mongodb').url);
  const build = client.db(database.name).collection('users').createIndex(email.key, { unique: true }, {});
  build.catch(() => undefined);
  await expect.poll(() => database.db.collection('users').listIndexes().toArray(), { timeout: 10_000 }).toHaveLength(2);
  return { client, build };
}

describe('An index that somebody else is building', () => {
  beforeEach(() => database.db.dropDatabase());
  afterEach(() => failPoint('off'));

  async function runWhileBuilding() {
    const { client, build } = await startHangingBuild();
    let settled = false;
    const run = runMigration(await sessionOn(database.db), unique, 'up').finally(() => (settled = true));
    run.catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(settled, 'it must wait for the build').toBe(false);
    await failPoint('off');
    await build.catch(() => undefined);
    await client.close();
    return run;
  }

  it('is waited for, and then holds already', async () => {
    await database.db.collection('users').insertMany([{ email: 'a' }, { email: 'b' }]);
    expect((await runWhileBuilding()).changes.map(({ outcome }) => outcome)).toEqual(['already']);
  });

  it('fails this run as well when it fails', async () => {
    await database.db.collection('users').insertMany([{ email: 'a' }, { email: 'a' }]);
    await expect(runWhileBuilding()).rejects.toThrow('E11000');
  });
});

describe('A unique index over duplicates', () => {
  it('fails with the collection, the index and the value', async () => {
    await database.db.dropDatabase();
    await database.db.collection('users').insertMany([{ email: 'a' }, { email: 'a' }]);
    const run = runMigration(await sessionOn(database.db), unique, 'up');
    await expect(run).rejects.toThrow(
      /Cannot create index users\.email_1: DuplicateKey \(SERVER\)\n {2}why {4}.*E11000.*dup key/,
    );
  });
});
