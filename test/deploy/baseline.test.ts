import type { Db } from 'mongodb';
import { beforeEach, describe, expect, it } from 'vitest';
import { baseline, deploy, status, type BaselineOptions } from '../../src/deploy';
import { fold } from '../../src/schema';
import { makeByHand } from '../support/by-hand';
import { useDatabase } from '../support/database';
import { fixture } from '../support/fixture';
import { liveSchema } from '../support/migrations';
import { runInMongosh } from '../support/mongosh';
import { code, rejection, useSmallHistory } from './small-history';

describe('A database that was made by hand', () => {
  const database = useDatabase();
  const { folder, migrations, names } = fixture;
  const ttls = names.findIndex((name) => name.endsWith('-ttls.ts'));
  const target = () => ({ url: database.url, database: database.name, folder });
  const adopt = (options: Partial<BaselineOptions> = {}) => baseline({ ...target(), ...options });
  const rows = async () =>
    (await database.db.collection('changelog').find().sort({ fileName: 1 }).toArray()).map(
      (row) => row['fileName'] as string,
    );
  const collections = async () => (await database.db.listCollections().toArray()).map(({ name }) => name).sort();
  const usersValidator = { $jsonSchema: { bsonType: 'object', required: ['email'] } };

  /** Up to the indexes and TTLs; and one validator, which is not that of the migrations. */
  beforeEach(async () => {
    await database.db.dropDatabase();
    for (const { changes } of migrations.slice(0, ttls + 1)) {
      await Promise.all(changes.map((change) => makeByHand(database.db, change)));
    }
    await database.db.command({ collMod: 'users', validator: usersValidator });
  });

  it('is adopted as far as it goes, and the first that does not hold is shown', async () => {
    const before = await liveSchema(database.db, migrations);
    const report = await adopt();
    expect(report.marked).toEqual(names.slice(0, ttls + 1));
    expect(report.stoppedAt?.migration).toBe(names[ttls + 1]);
    expect(report.stoppedAt?.differences).toContainEqual({
      place: 'validator of users',
      expected: expect.objectContaining({ validator: expect.anything() as object }) as object,
      found: { validator: usersValidator },
      commands: [expect.stringContaining('"users"')],
    });
    expect(report.later?.map(({ migration }) => migration)).toEqual(names.slice(ttls + 2));
    expect(report.extras).toEqual(['validator of users']);
    expect(await rows()).toEqual(report.marked);
    expect(await liveSchema(database.db, migrations)).toEqual(before);
    expect((await status(target())).migrations[0]).toMatchObject({ state: 'applied', applied: { type: 'baselined' } });
  });

  it.each([
    ['as it was made', () => undefined],
    ['without anything but one collection', (db: Db) => db.dropDatabase().then(() => db.createCollection('users'))],
    [
      'with a twin and another text index in the way',
      async (db: Db) => {
        await db.collection('users').dropIndex('email_1');
        await db.collection('users').createIndex({ email: 1 }, { name: 'twin', unique: true }, {});
        const text = 'content.text_text_content.title_text';
        await db.collection('results').dropIndex(text);
        await db.collection('results').createIndex({ 'content.text': 'text' }, { name: 'words' }, {});
      },
    ],
  ])('holds %s once the commands that are shown were run in mongosh', async (_what, change) => {
    await change(database.db);
    const { stoppedAt, later = [] } = await adopt({ dryRun: true });
    for (const { differences } of [...(stoppedAt ? [stoppedAt] : []), ...later]) {
      for (const { commands } of differences) {
        for (const command of commands) await runInMongosh(database.db, command);
      }
    }
    expect(await adopt()).toEqual({ marked: names, extras: [] });
    expect(await liveSchema(database.db, migrations)).toEqual(fold(migrations.flatMap(({ changes }) => changes)));
  });

  it('is refused by deploy before that, and brought to the whole schema by it after', async () => {
    expect((await rejection(deploy(target()))).message).toContain('`baseline` marks the migrations');
    await adopt();
    const conflict = await rejection(deploy(target()));
    expect(conflict).toMatchObject({ code: 'CONFLICT', left: names.slice(ttls + 1) });
    await database.db.command({ collMod: 'users', validator: {} });
    expect((await deploy({ ...target(), strict: true })).applied.map(({ name }) => name)).toEqual(
      names.slice(ttls + 1),
    );
    expect(await liveSchema(database.db, migrations)).toEqual(fold(migrations.flatMap(({ changes }) => changes)));
    expect(await rows()).toEqual(names);
  });

  it('is looked at without a trace in a dry run', async () => {
    const before = await collections();
    const report = await adopt({ dryRun: true });
    expect(report.marked).toEqual(names.slice(0, ttls + 1));
    expect(await collections()).toEqual(before);
  });

  it('is adopted no further than --up-to, and has the rest as extras', async () => {
    const report = await adopt({ upTo: 'account_indexes' });
    expect(report).toMatchObject({ marked: names.slice(0, 2) });
    expect(report.stoppedAt).toBeUndefined();
    expect(report.extras).toContain('index projects.user_id_1_status_1');
    const { applied } = await deploy({ ...target(), to: 'ttls' });
    expect(applied.map(({ name }) => name)).toEqual(names.slice(2, ttls + 1));
    const outcomes = applied.flatMap(({ changes }) => changes.map(({ outcome }) => outcome));
    expect(outcomes).toEqual(outcomes.map(() => 'already'));
  });

  it('is never taken for more than it is: one index of another kind, and its migration is not marked', async () => {
    await database.db.collection('users').dropIndex('email_1');
    await database.db.collection('users').createIndex({ email: 1 });
    const { marked, stoppedAt } = await adopt();
    expect(marked).toEqual(names.slice(0, 1));
    expect(stoppedAt).toEqual({
      migration: names[1],
      differences: [
        {
          place: 'index users.email_1',
          expected: { key: { email: 1 }, unique: true },
          found: { key: { email: 1 } },
          commands: [expect.stringContaining('dropIndex'), expect.stringContaining('unique: true')],
        },
      ],
    });
  });

  it('has what no migration makes listed', async () => {
    await database.db.collection('elephants').createIndex({ age: 1 });
    await database.db.collection('users').createIndex({ age: 1 });
    expect((await adopt({ dryRun: true })).extras).toEqual([
      'collection elephants',
      'validator of users',
      'index users.age_1',
    ]);
  });

  it('is adopted once: with rows in the changelog there is nothing to adopt', async () => {
    await adopt({ upTo: 'account_indexes' });
    for (const dryRun of [true, false]) {
      const error = await rejection(adopt({ dryRun }));
      expect(error).toMatchObject({ code: 'USAGE' });
      expect(error.message).toContain('The changelog already has 2 migrations,');
    }
    expect(await rows()).toHaveLength(2);
  });
});

describe('A run of migrations', () => {
  const history = useSmallHistory();
  const last = '20260104000000-last.ts';
  const [users, emails, projects] = ['users', 'emails', 'projects'].map(
    (name, at) => `2026010${at + 1}000000-${name}.ts`,
  );
  const ttl = (seconds: number) => code.index('users', 'seen', `expireAfterSeconds: ${seconds}`);

  it('is judged as all of it leaves the database: what a later one changed is no difference', async () => {
    await history.write('20260102000000-emails.ts', ttl(60));
    await history.write(last, "changeTtl('users', 'seen_1', { from: 60, to: 90 })");
    await history.db.collection('users').createIndex({ seen: 1 }, { expireAfterSeconds: 90 }, {});
    await history.db.createCollection('projects');
    expect(await baseline(history.target)).toEqual({ marked: [users, emails, projects, last], extras: [] });
  });

  it('ends before what a later one would have to change first', async () => {
    await history.write('20260102000000-emails.ts', ttl(60));
    await history.write(last, "changeTtl('users', 'seen_1', { from: 60, to: 90 })");
    await history.db.collection('users').createIndex({ seen: 1 }, { expireAfterSeconds: 60 }, {});
    await history.db.createCollection('projects');
    expect(await baseline(history.target)).toMatchObject({
      marked: [users, emails, projects],
      stoppedAt: {
        migration: last,
        differences: [{ place: 'TTL of index users.seen_1', expected: 90, found: 60 }],
      },
    });
  });

  it('does not hold while a row that its end removes is still there', async () => {
    const row = "[{ _id: 'x', name: 'starter' }]";
    await history.write('20260102000000-emails.ts', `insertDocuments('users', ${row})`);
    await history.write(last, `{ describe: [], changes: inverse(insertDocuments('users', ${row}).changes) }`);
    await history.db.collection<{ _id: string }>('users').insertOne({ _id: 'x', name: 'starter' } as { _id: string });
    await history.db.createCollection('projects');
    expect(await baseline({ ...history.target, dryRun: true })).toMatchObject({
      marked: [users, emails, projects],
      stoppedAt: {
        migration: last,
        differences: [{ place: expect.stringContaining('document') as string, expected: undefined }],
      },
    });
  });

  it('marks nothing on an empty database, which deploy then takes from the start', async () => {
    expect(await baseline(history.target)).toMatchObject({ marked: [], stoppedAt: { migration: users }, extras: [] });
    expect(await history.contents()).toEqual({});
    expect((await history.deploy()).applied).toHaveLength(3);
  });

  it('is not adopted where it finds nothing of its own, so deploy still refuses', async () => {
    await history.db.createCollection('elephants');
    expect(await baseline(history.target)).toMatchObject({ marked: [], extras: ['collection elephants'] });
    expect((await rejection(history.deploy())).message).toContain('has collections and no changelog');
  });
});
