import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deploy } from '../../src/deploy';
import { checkHealth } from '../../src/health';
import { useDatabase } from '../support/database';
import { fixture } from '../support/fixture';
import { metricsOf, scrape, writeBackups, type Scrape } from './scrapes';

const database = useDatabase();
let backups = '';
beforeAll(async () => {
  backups = await mkdtemp(path.join(tmpdir(), 'metrics-'));
});
afterAll(() => rm(backups, { recursive: true, force: true }));

const where = () => ({ url: database.url, database: database.name, folder: fixture.folder });
const look = async (): Promise<Scrape> => scrape(metricsOf(where(), { backups }));
/** The server's own clock, in seconds. */
const now = async () => ((await database.db.admin().command({ hello: 1 }))['localTime'] as Date).getTime() / 1000;
const namesOfCollections = async () => {
  const found = await database.db.listCollections({ type: 'collection' }).toArray();
  return found.map(({ name }) => name).filter((name) => !name.startsWith('system.'));
};

describe('A scrape', () => {
  it('tells of an empty database that everything is pending, and nothing of what is not there', async () => {
    const found = await look();
    expect(found.failed).toEqual([]);
    expect(found.value('schema_up')).toBe(1);
    expect(found.value('schema_writable')).toBe(1);
    expect(found.value('schema_healthy')).toBe(0);
    expect(found.value('schema_ping_seconds')).toBeGreaterThan(0);
    expect(found.value('schema_migrations_pending')).toBe(fixture.names.length);
    expect(found.value('schema_drift_differences')).toBe(0);
    expect(found.value('schema_collections')).toBe(0);
    for (const name of ['schema_last_deploy_failed', 'schema_newest_backup_timestamp_seconds', 'schema_index_bytes']) {
      expect(found.values.has(name)).toBe(false);
      expect(found.help.has(name)).toBe(false);
    }
  });

  it('counts what a deploy to a migration has left, and tells when that was', async () => {
    const before = await now();
    await deploy({ ...where(), to: fixture.names[2] });
    const found = await look();
    expect(found.value('schema_migrations_pending')).toBe(fixture.names.length - 3);
    expect(found.value('schema_migrations_broken')).toBe(0);
    expect(found.value('schema_last_deploy_failed')).toBe(0);
    expect(found.value('schema_last_deploy_timestamp_seconds')).toBeGreaterThan(before - 2);
    expect(found.value('schema_last_deploy_timestamp_seconds')).toBeLessThanOrEqual(await now());
    expect(found.value('schema_healthy')).toBe(0);
    await deploy(where());
    const rest = await look();
    expect(rest.value('schema_migrations_pending')).toBe(0);
    expect(rest.value('schema_healthy')).toBe(1);
  });

  it('counts documents and bytes as the server does', async () => {
    const users = database.db.collection('users');
    await users.insertMany(
      Array.from({ length: 50 }, (_, at) => ({ email: `${at}@example.com`, username: `u${at}` })),
      { bypassDocumentValidation: true },
    );
    const found = await look();
    expect(found.value('schema_collections')).toBe((await namesOfCollections()).length);
    expect(found.value('schema_collections_left_out')).toBe(0);
    for (const collection of await namesOfCollections()) {
      const stats = await database.db.command({ collStats: collection });
      const { count, size, indexSizes } = stats as { count: number; size: number; indexSizes: Record<string, number> };
      expect(found.value('schema_collection_documents', { collection })).toBe(count);
      expect(found.value('schema_collection_data_bytes', { collection })).toBe(size);
      // A checkpoint may have come between the two.
      expect(found.value('schema_collection_storage_bytes', { collection })).toBeGreaterThanOrEqual(4096);
      expect(found.value('schema_collection_indexes_bytes', { collection })).toBeGreaterThanOrEqual(4096);
      const indexes = (found.values.get('schema_index_bytes') ?? []).filter(
        ({ labels }) => labels['collection'] === collection,
      );
      expect(indexes.map(({ labels }) => labels['index']).sort()).toEqual(Object.keys(indexSizes).sort());
    }
    expect(found.value('schema_collection_documents', { collection: 'users' })).toBe(50);
  });

  it('counts the operations that used an index', async () => {
    const place = { collection: 'users', index: 'email_1' };
    const before = (await look()).value('schema_index_operations_total', place);
    for (let times = 0; times < 7; times++) await database.db.collection('users').findOne({ email: '1@example.com' });
    expect((await look()).value('schema_index_operations_total', place)).toBe((before ?? Number.NaN) + 7);
  });

  it('counts the slow queries that the profiler has recorded by their shapes, ten at most, without their values', async () => {
    const { db } = database;
    const users = db.collection('users');
    const manyFields = Object.fromEntries(Array.from({ length: 40 }, (_, at) => [`field_${at}`, 'secret']));
    expect((await look()).values.has('schema_slow_queries')).toBe(false);
    await db.command({ profile: 2 });
    for (let times = 0; times < 4; times++) await users.find({ email: 'secret' }).toArray();
    for (let times = 0; times < 3; times++) await users.find(manyFields).toArray();
    await db.command({ profile: 0 });
    const found = await look();
    expect(found.failed).toEqual([]);
    const place = { collection: 'users', shape: 'find { email: ? }' };
    expect(found.value('schema_slow_queries', place)).toBe(4);
    const [sum] = await db
      .collection('system.profile')
      .aggregate<{ total: number }>([
        { $match: { 'command.find': 'users', 'command.filter.email': 'secret' } },
        { $group: { _id: null, total: { $sum: '$millis' } } },
      ])
      .toArray();
    expect(found.value('schema_slow_query_seconds', place)).toBe((sum?.total ?? Number.NaN) / 1000);
    const shapes = (of: Scrape) =>
      (of.values.get('schema_slow_queries') ?? []).map(({ labels }) => labels['shape'] ?? '');
    expect(shapes(found).filter((shape) => shape.length === 200 && shape.endsWith('…'))).toHaveLength(1);
    expect(found.text).not.toContain('secret');
    await db.command({ profile: 2 });
    for (let at = 0; at < 20; at++) await users.find({ [`field${at}`]: 1 }).toArray();
    await db.command({ profile: 0 });
    expect(shapes(await look())).toHaveLength(10);
    await db.collection('system.profile').drop();
  });

  it('counts where the schema was changed by hand', async () => {
    await database.db.collection('users').createIndex({ by_hand: 1 });
    await database.db.createCollection('made_by_hand');
    expect((await look()).value('schema_drift_differences')).toBe(2);
    await database.db.collection('users').dropIndex('by_hand_1');
    await database.db.dropCollection('made_by_hand');
    expect((await look()).value('schema_drift_differences')).toBe(0);
  });

  it('tells when the newest backup was taken, and the newest one that was verified', async () => {
    await writeBackups(backups, database.name);
    const found = await look();
    const seconds = (text: string) => Date.parse(text) / 1000;
    expect(found.value('schema_newest_backup_timestamp_seconds')).toBe(seconds('2026-02-01T00:00:00Z'));
    expect(found.value('schema_newest_verified_backup_timestamp_seconds')).toBe(seconds('2026-01-01T00:00:00Z'));
  });

  it('tells what TTLs have removed, and the connections of the server, as the server does', async () => {
    const found = await look();
    const status = await database.db.admin().command({ serverStatus: 1 });
    const { ttl } = status['metrics'] as { ttl: { deletedDocuments: unknown; passes: unknown } };
    const { current, available } = status['connections'] as { current: number; available: number };
    const open = found.value('schema_server_connections', { state: 'open' }) ?? Number.NaN;
    expect(open + (found.value('schema_server_connections', { state: 'available' }) ?? 0)).toBe(current + available);
    expect(found.value('schema_ttl_deleted_documents_total')).toBeLessThanOrEqual(Number(ttl.deletedDocuments));
    expect(found.value('schema_ttl_passes_total')).toBeLessThanOrEqual(Number(ttl.passes));
    expect(found.value('schema_ttl_passes_total')).toBeGreaterThanOrEqual(Number(ttl.passes) - 1);
  });

  it('tells that a deploy failed, until another one did not', async () => {
    const event = {
      type: 'failed',
      direction: 'up',
      attempt: 'x',
      migration: fixture.names[0],
      token: 1e6,
      sequence: 1,
    };
    const history = database.db.collection('schema_history');
    await history.insertOne({ ...event, at: new Date() });
    expect((await look()).value('schema_last_deploy_failed')).toBe(1);
    await history.insertOne({ ...event, type: 'finished', sequence: 2, at: new Date() });
    expect((await look()).value('schema_last_deploy_failed')).toBe(0);
    // It began, and whoever made it was killed.
    await history.insertOne({ ...event, type: 'started', attempt: 'y', sequence: 3, at: new Date() });
    expect((await look()).value('schema_last_deploy_failed')).toBe(1);
    await history.deleteMany({ token: 1e6 });
  });

  it('takes names of any kind, views out, and time series without a number of documents', async () => {
    const { db } = database;
    const odd = 'odd "name" with \\ and ü';
    await db.collection(odd).insertOne({});
    await db.createCollection('made_view', { viewOn: 'users', pipeline: [] });
    await db.createCollection('measured', { timeseries: { timeField: 'at' } });
    await db.collection('measured').insertOne({ at: new Date() });
    const found = await look();
    expect(found.failed).toEqual([]);
    expect(found.value('schema_collection_documents', { collection: odd })).toBe(1);
    expect(found.value('schema_collection_data_bytes', { collection: 'made_view' })).toBeUndefined();
    expect(found.value('schema_collection_data_bytes', { collection: 'measured' })).toBeGreaterThan(0);
    expect(found.value('schema_collection_documents', { collection: 'measured' })).toBeUndefined();
    for (const name of [odd, 'made_view', 'measured']) await db.dropCollection(name);
  });

  it('leaves collections out above a number, and says how many', async () => {
    const found = await scrape(metricsOf(where(), { maxCollections: 2 }));
    const names = (await namesOfCollections()).sort();
    expect(found.value('schema_collections')).toBe(names.length);
    expect(found.value('schema_collections_left_out')).toBe(names.length - 2);
    const shown = (found.values.get('schema_collection_documents') ?? []).map(({ labels }) => labels['collection']);
    expect(shown).toEqual(names.slice(0, 2));
  });

  it('names no host, no user and no address', async () => {
    const { text } = await look();
    expect(text).not.toMatch(/127\.0\.0\.1|localhost|[\w.]:\d{4,5}\b|mongodb:/);
  });
});

describe('Scrapes at the same time', () => {
  it('make one look, and those soon after none', async () => {
    let looks = 0;
    const { client, name } = database;
    const check = () => {
      looks++;
      return checkHealth(client.db(name), { folder: fixture.folder });
    };
    const metrics = metricsOf(where(), { check, maxAge: 60_000 });
    const pages = await Promise.all(Array.from({ length: 20 }, () => metrics.scrape()));
    expect(looks).toBe(1);
    expect(new Set(pages.map(({ text }) => text)).size).toBe(1);
    expect((await metrics.scrape()).text).toBe(pages[0]?.text);
    expect(looks).toBe(1);
    const eager = metricsOf(where(), { check });
    await eager.scrape();
    await eager.scrape();
    expect(looks).toBe(3);
  });
});
