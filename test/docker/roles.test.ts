import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { MongoClient, type Db } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { deploy, rollback, status } from '../../src/deploy';
import { backup, restore } from '../../src/operate/backup';
import { drift, plan } from '../../src/review';
import { projectFolder } from '../commands/project-copy';
import { projectMigrations } from '../support/migrations';
import { findMongosh, findTools, runTool } from './tools';
import { startWithRoles, userNames, type ServerWithRoles, type UserName } from './users';

const database = 'studio';
const unauthorized = 13;
const authenticationFailed = 18;
const migrations = projectMigrations();
const mongosh = findMongosh();
const tools = findTools();

/**
 * What one may try. What is allowed leaves the schema as it is, or fails for another reason than a missing right: there
 * is no such index, the collection is there already.
 */
const attempts: Readonly<Record<string, (db: Db) => Promise<unknown>>> = {
  'read documents': (db) => db.collection('users').findOne(),
  'insert documents': (db) => db.collection('users').insertOne({}),
  'update documents': (db) => db.collection('users').updateOne({ role: 'nobody' }, { $set: { role: 'user' } }),
  'remove documents': (db) => db.collection('users').deleteOne({ role: 'nobody' }),
  'get round a validator': (db) => db.collection('users').insertOne({}, { bypassDocumentValidation: true }),
  'list collections': (db) => db.listCollections().toArray(),
  'list indexes': (db) => db.collection('users').listIndexes().toArray(),
  'make a collection that no migration makes': (db) => db.command({ create: 'stranger' }),
  'make an index': (db) => db.command({ createIndexes: 'users', indexes: [{ key: { email: 1 }, name: 'email_1' }] }),
  'drop an index': (db) => db.command({ dropIndexes: 'users', index: 'nothing' }),
  'change a collection': (db) => db.command({ collMod: 'users', index: { name: 'nothing', hidden: true } }),
  'drop a collection': (db) => db.command({ drop: 'webhooks' }),
  'drop the database': (db) => db.command({ dropDatabase: 1 }),
  'read the changelog': (db) => db.collection('changelog').findOne(),
  'write the changelog': (db) => db.collection('changelog').deleteOne({ fileName: 'nothing' }),
  'read events': (db) => db.collection('schema_history').findOne(),
  'add an event': (db) => db.collection('schema_history').insertOne({ token: Math.random() }),
  'rewrite an event': (db) => db.collection('schema_history').updateOne({ token: -1 }, { $set: { user: 'x' } }),
  'remove an event': (db) => db.collection('schema_history').deleteOne({ token: -1 }),
  'change the history': (db) => db.command({ collMod: 'schema_history', index: { name: 'nothing', hidden: true } }),
  'drop the history': (db) => db.command({ drop: 'schema_history' }),
  'take the lease': (db) => db.collection('schema_lock').updateOne({ token: -1 }, { $set: { token: -2 } }),
  'remove the lease': (db) => db.collection('schema_lock').deleteOne({ token: -1 }),
  'see the use of indexes': (db) =>
    db
      .collection('users')
      .aggregate([{ $indexStats: {} }])
      .toArray(),
  'see what others run': (db) =>
    db.admin().command({ aggregate: 1, pipeline: [{ $currentOp: { allUsers: true } }], cursor: {} }),
  'see how the server is': (db) => db.admin().command({ top: 1 }),
  'switch the profiler on': (db) => db.command({ profile: 0, slowms: 100 }),
  'make users': (db) => db.command({ createUser: 'x', pwd: 'x', roles: [] }),
  'see other databases': (db) => db.admin().command({ find: 'system.users' }),
};

const documents = ['insert documents', 'read documents', 'remove documents', 'update documents'];
const lists = ['list collections', 'list indexes'];
const ddl = ['change a collection', 'drop a collection', 'drop an index', 'make an index'];
const looks = [...lists, 'read documents', 'read events', 'read the changelog'];

/** What each user can do of all that: this, and nothing else. */
const allowed: Readonly<Record<UserName, readonly string[]>> = {
  application: documents,
  migrator: [
    ...documents,
    ...lists,
    ...ddl,
    'read the changelog',
    'write the changelog',
    'read events',
    'add an event',
    'take the lease',
    'see the use of indexes',
  ],
  monitor: [...looks, 'see how the server is', 'see the use of indexes', 'see what others run'],
  backup: looks,
  restore: Object.keys(attempts).filter((what) => !/drop the database|^see |profiler|make users/.test(what)),
  explorer: [...looks, ...documents.filter((what) => what !== 'read documents')],
};

describe('docker/mongo-init.js', () => {
  it('knows every collection that a migration makes or made, and no other', async () => {
    const script = await readFile(path.join(projectFolder, 'docker', 'mongo-init.js'), 'utf8');
    const list = /^const collections = \[([^\]]*)\]/m.exec(script)?.[1] ?? '';
    const known = [...list.matchAll(/'(\w+)'/g)].map(([, name]) => name);
    const touched = new Set(migrations.flatMap(({ changes }) => changes.map(({ at }) => at[0])));
    expect(known).toEqual([...touched].sort());
  });
});

describe.skipIf(mongosh === undefined)('The users that docker/mongo-init.js makes', () => {
  let server: ServerWithRoles;
  const as = (user: UserName) => ({ url: server.urlOf(user), database });
  beforeAll(async () => {
    server = await startWithRoles(mongosh ?? '', database);
    expect(await server.init()).toMatchObject({ exitCode: 0, stderr: '' });
  });
  afterAll(() => server.stop());

  it('include a migrator that deploys to an empty database, rolls all of it back, and deploys again', async () => {
    expect((await deploy(as('migrator'))).applied).toHaveLength(migrations.length);
    expect((await rollback({ ...as('migrator'), steps: migrations.length })).rolledBack).toHaveLength(
      migrations.length,
    );
    expect((await deploy({ ...as('migrator'), strict: true })).applied).toHaveLength(migrations.length);
  });

  it('include a monitor that sees status, plan and drift, and cannot deploy', async () => {
    expect((await status(as('monitor'))).pending).toBe(0);
    expect((await plan(as('monitor'))).pending).toEqual([]);
    expect(await drift(as('monitor'))).toMatchObject({ drift: 0 });
    await expect(deploy(as('monitor'))).rejects.toThrow(
      'Not allowed: this user lacks the privilege findAndModify on studio.schema_lock',
    );
  });

  it.skipIf(tools === undefined)(
    'include a backup that backs up, and a restore that puts it back with the status unchanged',
    async () => {
      const folder = await mkdtemp(path.join(tmpdir(), 'roles-backup-'));
      onTestFinished(() => rm(folder, { recursive: true }));
      const { file } = await backup({ ...as('backup'), folder });
      // The event that applied one is another after it: the restore's.
      const states = async () =>
        (await status(as('monitor'))).migrations.map(({ name, state, appliedAt, applied }) => ({
          name,
          state,
          appliedAt,
          checksum: applied?.checksum,
        }));
      const before = await states();
      const yes = () => Promise.resolve(true);
      expect(await restore({ ...as('restore'), file, drop: true, confirm: yes })).toMatchObject({
        pending: [],
        broken: [],
      });
      expect(await states()).toEqual(before);
      expect(await drift(as('monitor'))).toMatchObject({ drift: 0 });
    },
  );

  it.each(userNames)('can do what they are there for, and nothing else: %s', async (user) => {
    const done: string[] = [];
    for (const [what, work] of Object.entries(attempts)) {
      const code = await server.attempt(user, work);
      if (code !== unauthorized) done.push(what);
      if (what === 'drop a collection' && code === undefined) await server.root.createCollection('webhooks');
    }
    expect(done.sort()).toEqual([...allowed[user]].sort());
  });

  it('may profile only as long as they have that role', async () => {
    const profile = (db: Db) => db.command({ profile: 0, slowms: 100 });
    const grant = { roles: [{ role: 'profiler', db: database }] };
    await server.root.command({ grantRolesToUser: 'monitor', ...grant });
    expect(await server.attempt('monitor', profile)).toBeUndefined();
    await server.root.command({ revokeRolesFromUser: 'monitor', ...grant });
    expect(await server.attempt('monitor', profile)).toBe(unauthorized);
  });

  it.skipIf(tools === undefined)('can dump as backup, and put the dump back as restore', async () => {
    await server.root.collection('webhooks').insertOne({ name: 'kept' });
    const dump = await runTool(`${tools ?? ''}/mongodump`, server.urlOf('backup'), ['--db', database, '--archive']);
    expect(dump).toMatchObject({ exitCode: 0 });
    await server.root.collection('webhooks').deleteMany({});
    const options = [
      '--archive',
      '--drop',
      '--bypassDocumentValidation',
      '--stopOnError',
      '--nsInclude',
      `${database}.*`,
    ];
    const restore = await runTool(`${tools ?? ''}/mongorestore`, server.urlOf('restore'), options, dump.stdout);
    expect(restore.stderr).toContain('0 document(s) failed to restore');
    expect(await server.root.collection('webhooks').findOne()).toMatchObject({ name: 'kept' });
  });

  it('are the same after another run, which also puts back what somebody granted, and changes passwords', async () => {
    const before = await server.rolesAndUsers();
    await server.root.command({
      grantPrivilegesToRole: 'application',
      privileges: [{ resource: { db: database, collection: '' }, actions: ['dropCollection'] }],
    });
    await server.root.command({ grantRolesToUser: 'backup', roles: ['restore'] });
    expect(await server.rolesAndUsers()).not.toEqual(before);
    expect(await server.init({ application: 'another' })).toMatchObject({ exitCode: 0, stderr: '' });
    expect(await server.rolesAndUsers()).toEqual(before);

    const logIn = async (url: string) => {
      const client = new MongoClient(url);
      await client.connect().finally(() => client.close());
    };
    await logIn(server.urlOf('application', 'another'));
    await expect(logIn(server.urlOf('application'))).rejects.toMatchObject({ code: authenticationFailed });
  });

  it('are left alone when a password is missing: every one that is gets named', async () => {
    const before = await server.rolesAndUsers();
    const { exitCode, stderr } = await server.init({ migrator: '', backup: '' });
    expect(exitCode).not.toBe(0);
    expect(stderr).toMatch(
      /Nothing was changed\.\n {2}MIGRATOR_PASSWORD_FILE names an empty file: .*\n {2}BACKUP_PASS/,
    );
    expect(await server.rolesAndUsers()).toEqual(before);
  });
});
