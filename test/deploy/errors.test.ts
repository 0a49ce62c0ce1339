import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accept, deploy, pendingMigrations, rollback, status } from '../../src/deploy';
import { startWithUsers, type ServerWithUsers } from '../support/server-with-users';
import { code, emails, projects, rejection, useSmallHistory, users } from './small-history';

const history = useSmallHistory();
const stored = async () => JSON.stringify(await history.db.collection('schema_history').find().toArray());
const lastError = async () =>
  (await history.db.collection('schema_history').findOne({ type: 'failed' }, { sort: { sequence: -1 } }))?.['error'] as
    string | undefined;

describe('An error of the server', () => {
  it('that finds duplicates names the migration, the change and the values; the history keeps no value', async () => {
    await history.write(projects, `insertDocuments('users', [{ _id: 'x', email: 'secret@example.com' }])`);
    await history.deploy({ to: emails });
    await history.db.collection('users').insertOne({ email: 'secret@example.com' });
    const { message } = await rejection(history.deploy());
    expect(message).toMatch(
      /^Cannot apply \S+-projects\.ts\. Cannot create document "x" of users: .*dup key.*\(DuplicateKey\)/,
    );
    expect(message).toContain('secret@example.com');
    expect(await lastError()).toBe('Cannot create document "x" of users: DuplicateKey');
    expect(await stored()).not.toContain('secret');
  });

  it('that refuses a document says for each rule what it expected and found; the history keeps no value', async () => {
    await history.write(
      projects,
      `addValidator('users', { $jsonSchema: { required: ['name'], properties: { age: { bsonType: 'int', minimum: 0 }, name: { enum: ['Ann'] } } } })`,
    );
    await history.write('20260104000000-rows.ts', `insertDocuments('users', [{ _id: 'x', age: -5, name: 'secret' }])`);
    const { message } = await rejection(history.deploy());
    expect(message).toMatch(
      /^Cannot apply 20260104000000-rows\.ts\. Cannot create document "x" of users: Document failed validation \(DocumentValidationFailure\)/,
    );
    expect(message).toMatch(/\n {2}document x\n/);
    expect(message).toMatch(/\n {2}age: .*0.*found -5/);
    expect(message).toMatch(/\n {2}name: .*Ann.*found "secret"/);
    expect(await lastError()).toBe('Cannot create document "x" of users: DocumentValidationFailure');
    expect(await stored()).not.toContain('secret');
    expect(await history.recorded()).toEqual([users, emails, projects]);
  });

  it('in two collections at once leaves no value in the history either', async () => {
    const rows = (name: string) =>
      `insertDocuments('${name}', [{ _id: 1, email: 1, plan: 'hidden' }, { _id: 2, email: 2, plan: 'hidden' }])`;
    await history.write(
      '20260104000000-plans.ts',
      `${code.index('users', 'plan', 'unique: true')}, ${code.index('projects', 'plan', 'unique: true')}`,
    );
    await history.write('20260105000000-rows.ts', `${rows('users')}, ${rows('projects')}`);
    const { message } = await rejection(history.deploy());
    expect(message).toMatch(/of users: .*hidden.*\n.* of projects: .*hidden/);
    expect(await lastError()).toMatch(/of users: DuplicateKey; .* of projects: DuplicateKey$/);
    expect(await stored()).not.toContain('hidden');
  });

  it('that finds something else in a place shows both; the history keeps no value', async () => {
    await history.deploy({ to: users });
    await history.db.collection('users').createIndex({ email: 1 }, { partialFilterExpression: { plan: 'secret' } }, {});
    const { code: reason, message } = await rejection(history.deploy());
    expect(reason).toBe('CONFLICT');
    expect(message).toContain('index users.email_1: something else is in its place.');
    expect(message).toContain('secret');
    expect(await stored()).not.toContain('secret');
  });
});

describe('A user that lacks a privilege', () => {
  let server: ServerWithUsers;
  beforeAll(async () => {
    server = await startWithUsers();
  });
  afterAll(() => server.stop());

  const product = { db: 'product', collection: '' };
  const bookkeeping = ['changelog', 'schema_history', 'schema_lock'].map((collection) => ({
    resource: { db: 'product', collection },
    actions: ['find', 'insert', 'update', 'remove', 'createCollection', 'createIndex'],
  }));
  // Read side by side with the changelog: what is refused first would be told.
  const allButChangelog = bookkeeping.slice(1);
  const list = { resource: product, actions: ['listCollections', 'listIndexes'] };
  const as = (...privileges: Parameters<ServerWithUsers['urlFor']>) =>
    server.urlFor(...privileges).then((url) => ({ url, database: 'product', folder: history.folder }));

  it('is told its name and place when a change needs it', async () => {
    const target = await as(list, ...bookkeeping, {
      resource: product,
      actions: ['createCollection', 'collMod', 'find'],
    });
    const { message, left } = (await rejection(deploy(target))) as { message: string; left?: unknown };
    expect(message).toBe(
      `Cannot apply ${emails}. Cannot create index users.email_1: this user lacks the privilege createIndex on product.users (Unauthorized)`,
    );
    expect(left).toEqual([emails, projects]);
    await server.reset();
  });

  it.each([
    ['to look at the database', [], 'listCollections on product', 'deploy'],
    ['to read the changelog', [list, ...allButChangelog], 'find on product.changelog', 'status'],
    [
      'to take the lease',
      [list, { resource: product, actions: ['find'] }],
      'findAndModify on product.schema_lock',
      'deploy',
    ],
    ['to read the changelog, on the way down', [list, bookkeeping[2]], 'find on product.', 'rollback'],
  ] as const)('%s is told so by every verb, and no more than that', async (_title, privileges, missing, verb) => {
    const target = await as(...privileges.filter((privilege) => privilege !== undefined));
    const run = { deploy, status, rollback: (options: typeof target) => rollback({ ...options, steps: 1 }) }[verb];
    const { message } = await rejection(run(target));
    expect(message).toContain(`Not allowed: this user lacks the privilege ${missing}`);
    expect(message).not.toMatch(/lsid|clusterTime|execute command/);
    await server.reset();
  });

  it('can look with the right to read alone', async () => {
    const target = await as(list, { resource: product, actions: ['find'] });
    expect((await status(target)).pending).toBe(3);
    expect(await pendingMigrations(target)).toEqual([users, emails, projects]);
    const { code: reason } = await rejection(accept({ ...target, migration: users, reason: 'x' }));
    expect(reason).toBe(13);
    const client = await new MongoClient(server.url).connect();
    expect(await client.db('product').listCollections().toArray()).toEqual([]);
    await client.close();
  });
});
