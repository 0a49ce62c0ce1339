import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Db } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { queries } from '../../queries';
import { deploy, rollback, status } from '../../src/deploy';
import { isDataStep, type Migration } from '../../src/migration';
import { backup, restore } from '../../src/backup';
import { census } from '../../src/census';
import { explainQueries, explainWithout, reportIndexes } from '../../src/indexes';
import { ownMigrations } from '../../src/project';
import { slowByProfiler, slowInProfile } from '../../src/queries';
import { drift, plan } from '../../src/review';
import { isSetAside, placeholderValidation } from '../../src/schema';
import { metricsOf, scrape } from '../metrics/scrapes';
import { projectFolder } from '../support/project-folder';
import { productMigrations } from '../support/product';
import { findMongosh, findTools, runTool } from './tools';
import { startWithRoles, userNames, type ServerWithRoles, type UserName } from './users';

const database = 'studio';
const unauthorized = 13;
const migrations = productMigrations();
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
  'set a collection aside': async (db) => {
    await rename(db, 'webhooks', 'dropped_webhooks');
    await rename(db, 'dropped_webhooks', 'webhooks');
  },
  'rename a collection to any other name': (db) => rename(db, 'presets', 'stranger_of_presets'),
  'keep the name of a collection that is dropped taken': async (db) => {
    await db.command({ create: 'dropped_schedules', validator: { $nor: [{}] } });
    await db.command({ drop: 'dropped_schedules' });
  },
  'change a collection that is set aside': (db) =>
    db.collection('dropped_users').updateOne({}, { $set: { name: 'x' } }),
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

const rename = ({ client, databaseName }: Db, from: string, to: string) =>
  client.db('admin').command({ renameCollection: `${databaseName}.${from}`, to: `${databaseName}.${to}` });

const isIrreversible = ({ steps }: Migration) =>
  steps.some((step) => isDataStep(step) && typeof step.undo === 'object');

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
    'keep the name of a collection that is dropped taken',
    'set a collection aside',
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
    const touched = new Set(migrations.flatMap(({ changes }) => changes.map(({ place }) => place.collection)));
    const message = 'the list `collections` in docker/mongo-init.js has to name these, in alphabetical order';
    expect(known, message).toEqual([...touched].sort());
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
    // What cannot be undone keeps all that came before it from being rolled back.
    const end = migrations.findIndex(isIrreversible);
    const undone = migrations.slice(0, end === -1 ? migrations.length : end);
    const names = undone.map(({ name }) => name);
    // Only what data steps wrote may be lost: nothing else is there yet.
    const allowDataLoss = undone.some(({ steps }) => steps.some(isDataStep)) ? names : [];
    expect((await deploy({ ...as('migrator'), to: names.at(-1) })).applied).toHaveLength(names.length);
    const { rolledBack } = await rollback({ ...as('migrator'), steps: names.length, allowDataLoss });
    expect(rolledBack).toHaveLength(names.length);
    expect((await deploy({ ...as('migrator'), strict: true })).applied).toHaveLength(migrations.length);
  });

  it('include a migrator that guards against commands of a run that lost its lease', async () => {
    const lease = server.root.collection<{ _id: string }>('schema_lock');
    await lease.updateOne({ _id: 'lease' }, { $set: { unsettled: true } });
    await server.root.createCollection('dropped_users', { validator: placeholderValidation.validator });
    await deploy(as('migrator'));
    expect(await lease.findOne()).not.toHaveProperty('unsettled');
    const names = (await server.root.listCollections({}, { nameOnly: true }).toArray()).map(({ name }) => name);
    expect(names.filter(isSetAside)).toEqual([]);
  });

  it('include a migrator that goes on beside a collection that no migration knows, whose indexes it may not read', async () => {
    await server.root.createCollection('stranger');
    onTestFinished(async () => {
      await server.root.dropCollection('stranger');
    });
    const places = ['collection stranger'];
    expect((await deploy(as('migrator'))).drift).toEqual(places);
    await rollback({ ...as('migrator'), steps: 1, allowDataLoss: migrations.map(({ name }) => name) });
    expect((await plan(as('migrator'))).pending).toHaveLength(1);
    expect((await deploy(as('migrator'))).drift).toEqual(places);
    const [finding] = (await drift(as('migrator'))).findings;
    expect(finding).toMatchObject({ place: places[0], words: ['indexes that this user may not read, no validator'] });
    expect((await drift(as('monitor'))).findings[0]).toMatchObject({ words: ['0 indexes, no validator'] });
  });

  it('include a monitor that sees status, plan and drift, and cannot deploy', async () => {
    expect((await status(as('monitor'))).pending).toBe(0);
    expect((await plan(as('monitor'))).pending).toEqual([]);
    expect(await drift(as('monitor'))).toMatchObject({ drift: 0 });
    await expect(deploy(as('monitor'))).rejects.toThrow(
      'this user lacks the privilege findAndModify on studio.schema_lock',
    );
  });

  it('include a monitor that may take a census', async () => {
    const { collections } = await census(as('monitor'));
    expect(Object.keys(collections)).toContain('results');
  });

  it('include a monitor that may find out all of /metrics', async () => {
    const { failed, values } = await scrape(metricsOf({ ...as('monitor'), folder: ownMigrations }));
    expect(failed).toEqual([]);
    expect(values.get('schema_ttl_passes_total')).toHaveLength(1);
    expect(values.get('schema_index_operations_total')?.length).toBeGreaterThan(migrations.length);
  });

  it('include a monitor that sees how queries are answered and indexes are used, as others do not', async () => {
    const options = { migrations, queries };
    const explain = (user: UserName) => explainQueries({ ...options, target: as(user) });
    const indexes = (user: UserName) => reportIndexes({ ...options, target: as(user), window: 0 });
    const { queries: explained } = await explain('monitor');
    expect(explained.map(({ name, problems }) => [name, problems])).toEqual(queries.map(({ name }) => [name, []]));
    const report = await indexes('monitor');
    expect(report).toMatchObject({
      isWhole: true,
      members: [{ isPrimary: true, ttl: { passes: expect.any(Number) as number } }],
    });
    expect(report.indexes.every(({ use, bytes }) => use !== undefined && bytes !== undefined)).toBe(true);
    const tried = { index: 'users.email_1', sample: 10, env: process.env };
    const copied = explainWithout({ target: as('monitor'), queries, ...tried });
    expect((await copied).queries).toHaveLength(1);
    await expect(indexes('backup')).rejects.toMatchObject({
      code: 'NOT_ALLOWED',
      why: [expect.stringMatching(/^this user lacks the privilege indexStats on studio\.\w+$/) as string],
      fix: expect.stringContaining('grant this user the role clusterMonitor on admin') as string,
    });
    await expect(indexes('application')).rejects.toMatchObject({ code: 'NOT_ALLOWED' });
    await expect(explain('application')).rejects.toMatchObject({ code: 'NOT_ALLOWED' });
    // Who deploys may see the use, and not what TTLs have removed.
    expect((await indexes('migrator')).members).toEqual([{ host: expect.any(String) as string, isPrimary: true }]);
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
      if (what === 'rename a collection to any other name' && code === undefined) {
        await server.root.collection('stranger_of_presets').rename('presets');
      }
    }
    expect(done.sort()).toEqual([...allowed[user]].sort());
  });

  it('may profile only as long as they have that role', async () => {
    const profile = (db: Db) => db.command({ profile: 0, slowms: 100 });
    const grant = { roles: [{ role: 'profiler', db: database }] };
    const options = { migrations, queries, top: 20, slowMs: 0 };
    const opened = () =>
      slowByProfiler({ ...options, seconds: 1, signal: new AbortController().signal }, as('monitor'));
    expect(await slowInProfile(as('monitor'), options)).toMatchObject({ indexesOf: 'server', shapes: [] });
    await expect(slowInProfile(as('application'), options)).rejects.toMatchObject({
      code: 'NOT_ALLOWED',
      why: ['this user lacks the privilege find on studio.system.profile'],
    });
    await expect(opened()).rejects.toMatchObject({
      code: 'NOT_ALLOWED',
      why: ['this user lacks the privilege enableProfiler on studio'],
      fix: expect.stringContaining('grant this user the role profiler on studio') as string,
    });
    await server.root.command({ grantRolesToUser: 'monitor', ...grant });
    expect(await server.attempt('monitor', profile)).toBeUndefined();
    expect(await opened()).toMatchObject({ source: 'profiler', wasDisturbed: false });
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
});
