import { MongoClient, type Document } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { clearUnfinished, ensureChangelogIndex, markUnfinished, recordApplied } from '../../src/history';
import { checkHealth, healthHandler } from '../../src/health';
import { useDatabase } from '../support/database';
import { fixture } from '../support/fixture';
import { startWithUsers, type ServerWithUsers } from '../support/server-with-users';
import { probe, serve } from './probes';

const { folder, names } = fixture;
const newest = names.at(-1) ?? '';

describe('A database that is behind', () => {
  const database = useDatabase({ monitorCommands: true });
  const ask = async (options = {}) =>
    probe(`${await serve(healthHandler(database.db, { folder, ...options }))}/health/db`);

  it('is not healthy without any migration, unless that is allowed', async () => {
    const reasons = [`${names.length} migrations are pending`];
    const pending = { status: 'connected', primary: true, pending_migrations: names.length };
    expect(await ask()).toMatchObject({ status: 503, health: { ...pending, healthy: false, reasons } });
    const allowed = { ...pending, healthy: true, reasons: [] };
    expect(await ask({ allowPending: true })).toMatchObject({ status: 200, health: allowed });
  });

  it('is not healthy until the last one is applied, and then also with ones that this version does not know', async () => {
    for (const name of names.slice(0, -1)) await recordApplied(database.db, name, 1);
    expect(await checkHealth(database.db, { folder })).toMatchObject({
      healthy: false,
      reasons: ['1 migration is pending'],
    });
    await recordApplied(database.db, newest, 1);
    await recordApplied(database.db, '99990101000000-of_the_next_version.ts', 2);
    expect(await checkHealth(database.db, { folder })).toMatchObject({
      healthy: true,
      pending_migrations: 0,
      reasons: [],
    });
  });

  it('is asked for names alone: the index on them answers', async () => {
    await ensureChangelogIndex(database.db);
    const commands: Document[] = [];
    database.client.on('commandStarted', ({ command }) => commands.push(command));
    await checkHealth(database.db, { folder });
    const sent = Object.entries<unknown>(commands.find((command) => command['find'] === 'changelog') ?? {});
    const query = sent.filter(([field]) => ['find', 'filter', 'projection', 'sort'].includes(field));
    const explained = await database.db.command({ explain: Object.fromEntries(query) });
    // The test before this one recorded them all, so there are documents that could be looked at.
    expect(explained).toMatchObject({ executionStats: { nReturned: names.length + 1, totalDocsExamined: 0 } });
  });

  it('cannot be told from one that is not, when the folder of the migrations is not there', async () => {
    await expect(checkHealth(database.db, { folder: 'no/such/folder' })).rejects.toThrow(
      /no such file.*no\/such\/folder/,
    );
    expect(() => healthHandler(database.db, { folder: 'no/such/folder' })).toThrow(/no such file/);
  });
});

describe('A database that is half restored', () => {
  const database = useDatabase();
  const reasons = ['the database is half restored: a restore is running, or did not finish'];

  it('is not healthy until the restore comes to its end, in every probe that looks at it', async () => {
    for (const name of names) await recordApplied(database.db, name, 1);
    expect(await checkHealth(database.db, { folder })).toMatchObject({ healthy: true, reasons: [] });
    await markUnfinished(database.db, { file: 'backup.tar' });
    expect(await checkHealth(database.db, { folder })).toMatchObject({ status: 'connected', healthy: false, reasons });
    const none = { folder, allowPending: true };
    expect(await checkHealth(database.db, none)).toMatchObject({ healthy: false, reasons });
    const url = await serve(healthHandler(database.db, { folder, maxAge: 0 }));
    expect(await probe(`${url}/health/db`)).toMatchObject({ status: 503, health: { healthy: false, reasons } });
    expect(await probe(`${url}/health/live`)).toMatchObject({ status: 200 });
    await clearUnfinished(database.db);
    expect(await probe(`${url}/health/db`)).toMatchObject({ status: 200, health: { healthy: true, reasons: [] } });
  });
});

describe('A user with few rights', () => {
  let server: ServerWithUsers;
  beforeAll(async () => {
    server = await startWithUsers();
  });
  afterAll(() => server.stop());
  const as = (url: string) => {
    const client = new MongoClient(url, { serverSelectionTimeoutMS: 2_000 });
    onTestFinished(() => client.close());
    return client.db('product');
  };

  it('who may not read the changelog is told so, and is no reason to take an application down', async () => {
    const resource = { db: 'product', collection: 'users' };
    const db = as(await server.urlFor({ resource, actions: ['find'] }));
    expect(await checkHealth(db, { folder })).toMatchObject({
      status: 'connected',
      healthy: true,
      pending_migrations: null,
      reasons: ['the number of pending migrations is unknown: this user may not read the changelog'],
    });
  });

  it('who may read it, and nothing else, gets a whole answer', async () => {
    const resource = { db: 'product', collection: 'changelog' };
    const db = as(await server.urlFor({ resource, actions: ['find'] }));
    expect(await checkHealth(db, { folder })).toMatchObject({ healthy: false, pending_migrations: names.length });
  });

  it('who has the role `read`, and nothing else, is told that the database is half restored', async () => {
    const root = as(server.url);
    for (const name of names) await recordApplied(root, name, 1);
    const db = as(await server.urlWith({ role: 'read', db: 'product' }));
    expect(await checkHealth(db, { folder })).toMatchObject({ healthy: true });
    await markUnfinished(root, { file: 'backup.tar' });
    expect(await checkHealth(db, { folder })).toMatchObject({ healthy: false, pending_migrations: 0 });
    await server.reset();
  });

  it('who does not know the password gets no name, no host and no password in return', async () => {
    const url = server.url.replace(/\/\/.*@/, '//somebody:wrong-password@');
    const { status, health, text } = await probe(`${await serve(healthHandler(as(url), { folder }))}/health/db`);
    expect(status).toBe(503);
    expect(health).toMatchObject({ status: 'disconnected', healthy: false, reasons: ['the server refuses the login'] });
    expect(text).not.toMatch(/somebody|wrong-password|127\.0\.0\.1/);
  });
});
