import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accept, deploy, pendingMigrations, rollback, status } from '../../src/deploy';
import { runSchema, serverEnvironment } from '../support/schema-command';
import { startWithUsers, type ServerWithUsers } from '../support/server-with-users';
import { type RecordedFailure } from '../../src/history';
import { code, emails, projects, rejection, useSmallHistory, users } from './small-history';

const history = useSmallHistory();
const stored = async () => JSON.stringify(await history.db.collection('schema_history').find().toArray());
const lastFailure = async () =>
  (await history.db.collection('schema_history').findOne({ type: 'failed' }, { sort: { sequence: -1 } }))?.[
    'failure'
  ] as Partial<RecordedFailure> | undefined;

describe('An error of the server', () => {
  it('that finds duplicates names the migration, the change and the values; the history keeps no value', async () => {
    await history.write(projects, `insertDocuments('users', [{ _id: 'x', email: 'secret@example.com' }])`);
    await history.deploy({ to: emails });
    await history.db.collection('users').insertOne({ email: 'secret@example.com' });
    const { message } = await rejection(history.deploy());
    expect(message).toMatch(
      /^Cannot apply \S+-projects\.ts \(SERVER\)\n {2}why {4}Cannot create documents of users: DuplicateKey\n {9}create document "x" of users\n.*dup key/,
    );
    expect(message).toContain('secret@example.com');
    expect(await lastFailure()).toEqual({
      code: 'SERVER',
      summary: 'Cannot create documents of users: DuplicateKey',
      kind: 'document',
      collection: 'users',
      serverCode: 11000,
    });
    expect(await stored()).not.toContain('"x');
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
      /^Cannot apply 20260104000000-rows\.ts \(SERVER\)\n {2}why {4}Cannot create documents of users: DocumentValidationFailure\n {9}create document "x" of users\n.*Document failed validation/,
    );
    expect(message).toMatch(/\n {9}document x\n/);
    expect(message).toMatch(/\n {9}age: .*0.*found -5/);
    expect(message).toMatch(/\n {9}name: .*Ann.*found "secret"/);
    expect(await lastFailure()).toMatchObject({
      summary: 'Cannot create documents of users: DocumentValidationFailure',
    });
    expect(await stored()).not.toContain('secret');
    expect(await history.recorded()).toEqual([users, emails, projects]);
  });

  it('that refuses what a backfill writes says so; the history keeps no value', async () => {
    await history.write(
      projects,
      `backfill('users', { filter: { email: 'other' }, update: { $set: { email: 'secret@example.com' } } })`,
    );
    await history.deploy({ to: emails });
    // One in the middle: the first and the last are tried before the first write.
    const validator = { $or: [{ email: { $ne: 'secret@example.com' } }, { number: { $ne: 5 } }] };
    await history.db.command({ collMod: 'users', validator });
    const people = Array.from({ length: 10 }, (_, number) => ({ email: 'other', number }));
    await history.db.command({ dropIndexes: 'users', index: 'email_1' });
    await history.db.collection('users').insertMany(people);
    const { code: reason, message } = await rejection(history.deploy());
    expect(reason).toBe('SERVER');
    expect(message).toMatch(
      /^Cannot apply \S+-projects\.ts \(SERVER\)\n {2}why {4}Cannot update a document of users: DocumentValidationFailure\n {9}the document with _id /,
    );
    expect(await lastFailure()).toMatchObject({ code: 'SERVER', serverCode: 121 });
    expect(await stored()).not.toContain('secret');
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
    expect(message).toMatch(/ of users: [^]*hidden[^]*\n.* of projects: .*[^]*hidden/);
    expect((await lastFailure())?.summary).toMatch(/of users: DuplicateKey; .* of projects: DuplicateKey$/);
    expect(await stored()).not.toContain('hidden');
  });

  it('that finds something else in a place shows both; the history keeps no value', async () => {
    await history.deploy({ to: users });
    await history.db.collection('users').createIndex({ email: 1 }, { partialFilterExpression: { plan: 'secret' } }, {});
    const { code: reason, message } = await rejection(history.deploy());
    expect(reason).toBe('CONFLICT');
    expect(message).toContain('index users.email_1 is not as expected');
    expect(message).toContain('secret');
    expect(await stored()).not.toContain('secret');
  });
});

describe('An error that a data step throws', () => {
  const secret = 'mongodb://ann:secret@db.example/studio';
  const failing = (how: string) => `run('mend', { isDone: async () => false, run: async ({ db }) => { ${how} } })`;

  it.each([
    ['a plain error', `throw new TypeError('${secret}')`, { code: 'FAILED', thrown: 'TypeError' }],
    ['a text', `throw '${secret}'`, { code: 'FAILED' }],
    ['an object', `throw { message: '${secret}', summary: '${secret}', name: '${secret}' }`, { code: 'FAILED' }],
    [
      'one with what is shown of ours',
      `throw Object.assign(new Error('${secret}'), { summary: '${secret}', why: ['${secret}'], name: '${secret}' })`,
      { code: 'FAILED' },
    ],
    [
      "a driver's, of the server",
      `await db.collection('users').insertOne({ email: 'secret' }); await db.collection('users').insertOne({ email: 'secret' })`,
      { code: 'FAILED', thrown: 'MongoServerError', serverCode: 11000 },
    ],
    [
      "a driver's, of a command",
      `await db.command({ find: 'users', filter: { $secret: 1 } })`,
      { code: 'FAILED', thrown: 'MongoServerError', serverCode: 2, serverCodeName: 'BadValue' },
    ],
    [
      'one with a cause',
      `throw new Error('${secret}', { cause: Object.assign(new Error('secret'), { code: 91, codeName: 'ShutdownInProgress' }) })`,
      { code: 'FAILED', thrown: 'Error', serverCode: 91, serverCodeName: 'ShutdownInProgress' },
    ],
  ])('leaves its kind in the history, and no word of it: %s', async (_title, how, failure) => {
    await history.write(projects, failing(how));
    const { message } = await rejection(history.deploy());
    expect(message).toContain(`Cannot apply ${projects} (FAILED)`);
    expect(message).not.toContain('ann:secret');
    expect(await lastFailure()).toEqual(failure);
    expect(await stored()).not.toContain('secret');
  });

  it('is shown by `history` and `status` for people, as are the texts of earlier versions', async () => {
    await history.write(projects, failing(`throw new TypeError('${secret}')`));
    await rejection(history.deploy());
    const project = { folder: history.folder };
    const shown = (verb: string) => runSchema(project, [verb], serverEnvironment(history.name));
    expect((await shown('history')).stdout).toMatch(/failed .*TypeError was thrown \(FAILED\)\n/);
    expect((await shown('status')).stdout).toContain(`\n\n${projects} failed: TypeError was thrown (FAILED)\n`);
    const older = { $set: { error: 'as it was told' }, $unset: { failure: 1 } } as const;
    await history.db.collection('schema_history').updateOne({ type: 'failed' }, older);
    expect((await shown('history')).stdout).toMatch(/failed .*as it was told\n/);
    expect((await shown('status')).stdout).toContain(`\n\n${projects} failed: as it was told\n`);
  });

  it('a reason that a person gives is kept without a password, and stdout shows none either', async () => {
    await history.deploy({ to: users });
    await history.write(users, code.collection('users'), '// edited');
    const accepting = ['accept', '--migration', users, '--reason', `see ${secret}, or ann:secret@db.example`];
    await runSchema({ folder: history.folder }, accepting, serverEnvironment(history.name));
    expect(await stored()).toContain('see mongodb://<credentials>@db.example/studio, or <credentials>@db.example');
    const before = { $set: { reason: `see ${secret}` } } as const;
    await history.db.collection('schema_history').updateOne({ type: 'accepted' }, before);
    for (const json of [[], ['--json']]) {
      const { stdout } = await runSchema(
        { folder: history.folder },
        ['history', ...json],
        serverEnvironment(history.name),
      );
      expect(stdout).toContain('see mongodb://<credentials>@db.example/studio');
    }
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
    expect(message).toContain(
      `Cannot apply ${emails} (NOT_ALLOWED)\n  why    Cannot create index users.email_1: Unauthorized\n` +
        '         this user lacks the privilege createIndex on product.users\n',
    );
    expect(left).toEqual([emails, projects]);
    await server.reset();
  });

  it.each([
    ['to look at the database', [], 'find on product.', 'deploy'],
    ['to list the collections', [{ resource: product, actions: ['find'] }], 'listCollections on product', 'deploy'],
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
    expect(message).toContain(`this user lacks the privilege ${missing}`);
    expect(message).not.toMatch(/lsid|clusterTime|execute command/);
    await server.reset();
  });

  it('is told what a drop needs, and the collection is open again', async () => {
    await deploy({ url: server.url, database: 'product', folder: history.folder, to: users });
    const target = await as(list, ...bookkeeping, {
      resource: product,
      actions: ['find', 'collMod', 'dropCollection'],
    });
    const { code: reason, message } = await rejection(rollback({ ...target, steps: 1 }));
    expect(reason).toBe('NOT_ALLOWED');
    expect(message).toContain(
      'this user may not rename product.users to product.dropped_users: a rename needs find and dropCollection on product.users, insert and createIndex on product.dropped_users',
    );
    expect(message).not.toMatch(/lsid|clusterTime|execute command/);
    const client = await new MongoClient(server.url).connect();
    await client.db('product').collection('users').insertOne({});
    expect((await status({ ...target, url: server.url })).unfinishedDrops).toEqual([]);
    await client.close();
    await server.reset();
  });

  it('can look with the right to read alone', async () => {
    const target = await as(list, { resource: product, actions: ['find'] });
    expect((await status(target)).pending).toBe(3);
    expect(await pendingMigrations(target)).toEqual([users, emails, projects]);
    const { code: reason } = await rejection(accept({ ...target, migration: users, reason: 'x' }));
    expect(reason).toBe('NOT_ALLOWED');
    const client = await new MongoClient(server.url).connect();
    expect(await client.db('product').listCollections().toArray()).toEqual([]);
    await client.close();
  });
});
