import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { ensureChangelogIndex, recordApplied } from '../../../src/history';
import { checkHealth, healthHandler } from '../../../src/operate/health';
import { useDatabase } from '../../support/database';
import { projectMigrations } from '../../support/migrations';
import { startWithUsers, type ServerWithUsers } from '../../support/server-with-users';
import { probe, serve } from './probes';

const names = projectMigrations().map(({ name }) => name);
const newest = names.at(-1) ?? '';

describe('A database that is behind', () => {
  const database = useDatabase();
  const ask = async (options = {}) => probe(`${await serve(healthHandler(database.db, options))}/health/db`);

  it('is not healthy without any migration, unless that is allowed', async () => {
    const reasons = [`${names.length} migrations are pending`];
    const pending = { status: 'connected', primary: true, pending_migrations: names.length };
    expect(await ask()).toMatchObject({ status: 503, health: { ...pending, healthy: false, reasons } });
    const allowed = { ...pending, healthy: true, reasons: [] };
    expect(await ask({ allowPending: true })).toMatchObject({ status: 200, health: allowed });
  });

  it('is not healthy until the last one is applied, and then also with ones that this version does not know', async () => {
    for (const name of names.slice(0, -1)) await recordApplied(database.db, name, 1);
    expect(await checkHealth(database.db)).toMatchObject({ healthy: false, reasons: ['1 migration is pending'] });
    await recordApplied(database.db, newest, 1);
    await recordApplied(database.db, '99990101000000-of_the_next_version.ts', 2);
    expect(await checkHealth(database.db)).toMatchObject({ healthy: true, pending_migrations: 0, reasons: [] });
  });

  it('is asked for names alone: the index on them answers', async () => {
    await ensureChangelogIndex(database.db);
    const found = database.db
      .collection('changelog')
      .find({}, { projection: { _id: 0, fileName: 1 }, sort: { fileName: 1 } });
    const { executionStats } = (await found.explain('executionStats')) as { executionStats: object };
    expect(executionStats).toMatchObject({ totalDocsExamined: 0 });
  });

  it('cannot be told from one that is not, when the folder of the migrations is not there', async () => {
    await expect(checkHealth(database.db, { folder: 'no/such/folder' })).rejects.toThrow(
      /no such file.*no\/such\/folder/,
    );
    expect(() => healthHandler(database.db, { folder: 'no/such/folder' })).toThrow(/no such file/);
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
    expect(await checkHealth(db)).toMatchObject({
      status: 'connected',
      healthy: true,
      pending_migrations: null,
      reasons: ['pending migrations are not known: this user may not read the changelog'],
    });
  });

  it('who may read it, and nothing else, gets a whole answer', async () => {
    const resource = { db: 'product', collection: 'changelog' };
    const db = as(await server.urlFor({ resource, actions: ['find'] }));
    expect(await checkHealth(db)).toMatchObject({ healthy: false, pending_migrations: names.length });
  });

  it('who does not know the password gets no name, no host and no password in return', async () => {
    const url = server.url.replace(/\/\/.*@/, '//somebody:wrong-password@');
    const { status, health, text } = await probe(`${await serve(healthHandler(as(url)))}/health/db`);
    expect(status).toBe(503);
    expect(health).toMatchObject({ status: 'disconnected', healthy: false, reasons: ['the server refuses the login'] });
    expect(text).not.toMatch(/somebody|wrong-password|127\.0\.0\.1/);
  });
});
