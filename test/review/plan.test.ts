import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accept, type DeployOptions } from '../../src/deploy';
import { plan, type PlanOptions } from '../../src/review';
import { fromWire, wirePlace } from '../../src/schema';
import { code, emails, projects, rejection, useSmallHistory, users } from '../deploy/small-history';
import { startWithUsers, type ServerWithUsers } from '../support/server-with-users';

const history = useSmallHistory();
const planned = (options: Partial<PlanOptions> = {}) => plan({ ...history.target, ...options });
const dbHash = async () => (await history.db.command({ dbHash: 1 })) as { md5: string; collections: object };
const verdicts = async (options: Partial<DeployOptions> = {}) =>
  (await planned(options)).pending.map(({ name, changes }) => [name, ...changes.map(({ verdict }) => verdict)]);

describe('A plan', () => {
  it('tells every pending change and how it stands, also what was done by hand', async () => {
    await history.deploy({ to: users });
    await history.db.createCollection('projects');
    expect(await verdicts()).toEqual([
      [emails, 'pending'],
      [projects, 'already'],
    ]);
    const { pending } = await planned();
    expect(pending[0]?.changes).toMatchObject([
      { change: fromWire({ at: ['users', 'indexes', 'email_1'] }), findings: [] },
    ]);
  });

  it('tells what the schema is of, now and then, and what changes in it', async () => {
    const { before, after, schemaChanges } = await planned();
    expect(before).toMatchObject({ collections: 0, indexes: 0 });
    expect(after).toMatchObject({ collections: 2, indexes: 1 });
    expect(schemaChanges.map((change) => wirePlace(change).join('.'))).toEqual(
      expect.arrayContaining(['users.options', 'users.indexes.email_1', 'projects.options']),
    );
    await history.deploy({ to: emails });
    expect(await planned()).toMatchObject({ before: { collections: 1, indexes: 1 }, after });
  });

  it('ends where `to` says', async () => {
    expect(await verdicts({ to: 'users' })).toEqual([[users, 'pending']]);
    expect(await planned({ to: 'users' })).toMatchObject({ left: [emails, projects], after: { collections: 1 } });
    expect((await rejection(planned({ to: 'elephants' }))).code).toBe('USAGE');
  });

  it('of nothing is empty', async () => {
    await history.deploy();
    const { pending, schemaChanges, before, after, lint } = await planned();
    expect({ pending, schemaChanges, lint: lint.findings }).toEqual({ pending: [], schemaChanges: [], lint: [] });
    expect(after).toEqual(before);
  });

  it('tells what the rules say, of the pending migrations alone', async () => {
    const last = '20260104000000-names.ts';
    await history.write(last, code.index('users', 'name', 'unique: true'));
    await history.deploy({ to: projects });
    const { lint } = await planned();
    expect(lint.judged).toEqual([last]);
    expect(new Set(lint.findings.map(({ migration }) => migration))).toEqual(new Set([last]));
    expect((await planned({ released: [last] })).lint).toMatchObject({ judged: [], findings: [] });
  });

  it('tells what the data would make of it', async () => {
    await history.deploy({ to: users });
    await history.db.collection('users').insertMany([{ email: 'twice' }, { email: 'twice' }]);
    const [first] = (await planned()).pending;
    expect(first?.changes[0]?.findings).toMatchObject([
      { kind: 'index build', blocks: false, count: 2 },
      { kind: 'duplicates', blocks: true, count: 1 },
    ]);
  });
});

describe('There is no plan', () => {
  it('on a broken history, and it is told what is broken', async () => {
    await history.deploy({ to: emails });
    await history.write(users, code.collection('users'), '// A word more.');
    const error = await rejection(planned());
    expect(error).toMatchObject({ code: 'HISTORY', message: expect.stringContaining(users) as string });
  });

  it('where something else is in the place of a change, and the migration is named', async () => {
    await history.deploy({ to: users });
    await history.db.collection('users').createIndex({ email: -1 }, { name: 'email_1' }, {});
    const error = await rejection(planned());
    expect(error.code).toBe('CONFLICT');
    expect(error.message).toMatch(new RegExp(`^Cannot apply ${emails} \\(CONFLICT\\)`));
    expect(error.message).not.toContain(projects);
  });

  it('for a database that has collections and no changelog, unless it is to be adopted', async () => {
    await history.db.createCollection('users');
    expect((await rejection(planned())).message).toContain('has collections and no changelog');
    expect(await verdicts({ adopt: true })).toEqual([
      [users, 'already'],
      [emails, 'pending'],
      [projects, 'pending'],
    ]);
  });
});

describe('A plan does what a deploy does', () => {
  it('with migrations in the order in which they were applied', async () => {
    const late = '20260101120000-late.ts';
    // In the order of the names, nothing would be there for it to drop.
    const dropped = "dropIndexes('users', [{ name: 'email_1', key: { email: 1 }, unique: true, serves: 'a test' }])";
    await history.deploy();
    await history.write(late, dropped);
    await accept({ ...history.target, migration: late, reason: 'it has to be' });
    expect(await verdicts()).toEqual([[late, 'pending']]);
    await history.deploy();
    expect(await planned()).toMatchObject({ pending: [], before: { indexes: 0 }, after: { indexes: 0 } });
  });

  it('where a file that was accepted as missing leaves a gap', async () => {
    await history.deploy();
    await history.remove(users);
    await accept({ ...history.target, migration: users, reason: 'it is on a tape' });
    await history.write('20260104000000-names.ts', code.index('users', 'name'));
    const { pending, obstacle } = await planned();
    expect(pending).toMatchObject([{ changes: [{ verdict: 'pending' }] }]);
    expect(obstacle).toMatch(/emails\.ts.*does not exist/);
  });
});

describe('A plan writes nothing', () => {
  let server: ServerWithUsers;
  beforeAll(async () => {
    server = await startWithUsers();
  });
  afterAll(() => server.stop());

  it('to an empty database, which stays one', async () => {
    await planned();
    expect(await history.db.listCollections().toArray()).toEqual([]);
    const { databases } = await history.db.admin().listDatabases({ filter: { name: history.name } });
    expect(databases).toEqual([]);
  });

  it('by the hash of every collection', async () => {
    await history.deploy({ to: users });
    await history.db.collection('users').insertMany([{ email: 'twice' }, { email: 'twice' }]);
    const before = await dbHash();
    await planned();
    await planned({ to: emails });
    expect(await dbHash()).toMatchObject({ md5: before.md5, collections: before.collections });
  });

  it('and needs no more than the role read', async () => {
    await history.deploy({ url: server.url, database: 'product', to: users });
    const url = await server.urlWith({ role: 'read', db: 'product' });
    expect((await planned({ url, database: 'product' })).pending.map(({ name }) => name)).toEqual([emails, projects]);
    await expect(history.deploy({ url, database: 'product' })).rejects.toThrow(/not authorized|privilege/);
  });
});
