import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { Timestamp, type Document } from 'mongodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { deploy, rollback, status } from '../../src/deploy';
import { isHeld, readEvents, readLease, takeLease } from '../../src/history';
import { encodeClosed, validationOf } from '../../src/schema';
import { useDatabase, withDatabase } from '../support/database';
import { startProxy } from '../support/proxy';
import { runSchema, serverEnvironment } from '../support/schema-command';
import { indexOn, makeSmallProject, type SmallProject } from '../support/small-project';
import { backupOf, fillResults, hashOf, namesOfRestores, restoreInto, targetOf, temporaryFolder } from './support';

const database = useDatabase();
let project: SmallProject;
beforeAll(async () => {
  project = await makeSmallProject({
    results: `createCollections('results', 'users')`,
    indexes: `createIndexes('results', [${indexOn('number')}])`,
    more: `createCollections('targets')`,
  });
});
afterAll(() => project.remove());
beforeEach(() => database.db.dropDatabase());

const options = () => ({ ...targetOf(database.name), folder: project.folder, leaseSeconds: 2 });
const restored = (file: string) => restoreInto(database.name, file, { drop: true, migrations: project.folder });
const states = async (name = database.name) =>
  (await status({ ...options(), ...targetOf(name) })).migrations.map(({ state }) => state);

describe('A restore', () => {
  it('goes back in time: what came later is removed, the history stays, and a deploy goes on from there', async () => {
    const folder = await temporaryFolder();
    await deploy({ ...options(), to: 'indexes' });
    await fillResults(database.db, 100);
    const before = await hashOf(database.db);
    const { file } = await backupOf(database.name, folder);
    await deploy(options());
    await database.db.collection('later').insertOne({});
    await database.db.collection('results').deleteMany({});
    const events = await readEvents(database.db);

    const report = await restored(file);
    expect(report).toMatchObject({ pending: [project.names[2]], broken: [], events: { added: 0, leftOut: 0 } });
    expect(report.removed.map(({ name }) => name).sort()).toEqual(['later', 'targets']);
    expect(await hashOf(database.db)).toEqual(before);
    const after = await readEvents(database.db);
    expect(after.slice(0, events.length)).toEqual(events);
    expect(after.slice(events.length)).toMatchObject([
      { type: 'restored', reason: expect.stringMatching(/^test_.*\.tar\.gz of 20/) as string },
      { type: 'restored', migration: project.names[0], direction: 'up' },
      { type: 'restored', migration: project.names[1], direction: 'up' },
    ]);
    expect(await isHeld(database.db)).toBe(false);
    expect(await states()).toEqual(['applied', 'applied', 'pending']);
    expect(report).not.toHaveProperty('safety');
    expect(await readdir(folder)).toEqual([path.basename(file)]);
    expect(report).toMatchObject({ written: [], aside: [], made: [] });
    expect(await namesOfRestores(database.db)).toEqual([]);

    expect((await deploy(options())).applied.map(({ name }) => name)).toEqual([project.names[2]]);
    await rollback({ ...options(), steps: 2 });
    expect(await states()).toEqual(['applied', 'pending', 'pending']);

    // The backup knows of no rollback: what is applied in it is applied after it, whatever the events since say.
    await restored(file);
    expect(await states()).toEqual(['applied', 'applied', 'pending']);
    await rollback({ ...options(), steps: 1 });
    expect(await states()).toEqual(['applied', 'pending', 'pending']);
  });

  it('brings back a collection that a drop has set aside, with its documents, and the next run its name', async () => {
    const folder = await temporaryFolder();
    await deploy(options());
    await database.db.collection('targets').insertOne({ name: 'kept' });
    const closed = encodeClosed(validationOf({}), 'targets');
    await database.db.command({ collMod: 'targets', ...closed });
    await database.db.collection('targets').rename('dropped_targets');
    const { file } = await backupOf(database.name, folder);
    await database.db.dropDatabase();
    await restored(file);
    const { unfinishedDrops } = await status(options());
    expect(unfinishedDrops).toMatchObject([{ collection: 'dropped_targets', state: 'set aside' }]);
    await expect(rollback({ ...options(), steps: 1 })).rejects.toMatchObject({ code: 'DATA_LOSS' });
    expect(await database.db.collection('targets').findOne()).toMatchObject({ name: 'kept' });
    expect((await status(options())).unfinishedDrops).toEqual([]);
  });

  it('into an empty database brings the history along, and a lease whose tokens go on from it', async () => {
    const folder = await temporaryFolder();
    await deploy(options());
    const { file } = await backupOf(database.name, folder);
    await withDatabase(async (target) => {
      const report = await restoreInto(target.name, file, { migrations: project.folder });
      const events = await readEvents(database.db);
      expect(report).toMatchObject({ pending: [], broken: [], events: { added: events.length, leftOut: 0 } });
      const after = await readEvents(target.db);
      expect(after.slice(0, events.length)).toEqual(events);
      expect(after.slice(events.length).map(({ type }) => type)).toEqual([
        'restored',
        'restored',
        'restored',
        'restored',
      ]);
      expect(await states(target.name)).toEqual(['applied', 'applied', 'applied']);
      expect((await readLease(target.db))?.token).toBeGreaterThan((await readLease(database.db))?.token ?? Infinity);
      expect((await readEvents(target.db)).every(({ at }) => at.getTime() > 0)).toBe(true);
      await rollback({ ...options(), ...targetOf(target.name), steps: 1 });
      expect(await states(target.name)).toEqual(['applied', 'applied', 'pending']);
    });
  });
});

describe('A database that is not empty', () => {
  it('is not touched without --drop, by --dry-run, where nobody can be asked, or by who says no', async () => {
    const folder = await temporaryFolder();
    await deploy(options());
    const { file } = await backupOf(database.name, folder);
    await fillResults(database.db, 10);
    const before = await hashOf(database.db);
    const lease = await readLease(database.db);
    await expect(restoreInto(database.name, file)).rejects.toMatchObject({
      code: 'BACKUP',
      why: [expect.stringMatching(/^it is not empty \(.*results.*\)$/)],
      fix: expect.stringContaining('--drop') as string,
    });
    expect(await restoreInto(database.name, file, { drop: true, dryRun: true })).toMatchObject({
      dryRun: true,
      replaced: expect.arrayContaining([{ name: 'results', documents: 10 }]) as unknown[],
      removed: [],
    });
    const no = { drop: true, confirm: () => Promise.resolve(false) };
    await expect(restoreInto(database.name, file, no)).rejects.toMatchObject({ summary: 'Nothing was changed' });
    const args = ['restore', '--drop', '--json', file];
    // The tools are looked for where a person would have them.
    const { PATH = '', HOME = '' } = process.env;
    const env = { PATH, HOME, ...serverEnvironment(database.name) };
    const { exitCode, stdout, stderr } = await runSchema(project, args, env);
    expect({ exitCode, code: JSON.parse(stdout) as unknown }).toMatchObject({
      exitCode: 64,
      code: { error: { code: 'USAGE' } },
    });
    expect(stderr).toMatch(/collection +existing +restored\n[^]*results +10 +0\n[^]*add --yes/);
    expect(await hashOf(database.db)).toEqual(before);
    expect(await readLease(database.db)).toEqual(lease);
    expect(await readdir(folder)).toEqual([path.basename(file)]);
  });

  it('is not touched while a run holds the lease', async () => {
    const folder = await temporaryFolder();
    await deploy(options());
    const { file } = await backupOf(database.name, folder);
    const lease = await takeLease(database.db, { purpose: 'a test', seconds: 30, timeout: 0 });
    onTestFinished(() => lease.release());
    const refused = restoreInto(database.name, file, { drop: true, lockTimeout: 100 });
    await expect(refused).rejects.toMatchObject({
      code: 'LOCKED',
      message: expect.stringContaining('a test by') as string,
    });
    expect(await readdir(folder)).toEqual([path.basename(file)]);
  });

  it('has a history that speaks for what is there when the restore fails while it records its own events', async () => {
    const folder = await temporaryFolder();
    await deploy({ ...options(), to: 'results' });
    const { file } = await backupOf(database.name, folder);
    await deploy(options());
    const before = await hashOf(database.db);
    let isTaken = false;
    // Somebody else's event takes the place of the first one that speaks for a migration.
    const proxy = await startProxy(database.url, async ({ name, collection, body }) => {
      if (isTaken || name !== 'insert' || collection !== 'schema_history') return undefined;
      const [event] = body['documents'] as Document[];
      if (event?.['type'] !== 'restored' || event['migration'] === undefined) return undefined;
      isTaken = true;
      const { token, sequence } = event;
      await database.db
        .collection(collection)
        .insertOne({ type: 'unlocked', attempt: 'another', token, sequence, at: new Timestamp({ t: 0, i: 0 }) });
      return undefined;
    });
    onTestFinished(() => proxy.close());
    const refused = restoreInto(database.name, file, { url: proxy.url, drop: true, migrations: project.folder });
    await expect(refused).rejects.toThrow('the database is in its previous state');
    expect(isTaken).toBe(true);
    expect(await hashOf(database.db)).toEqual(before);
    const reason = expect.stringMatching(/^took back test_.*\.tar\.gz of 20/) as string;
    expect(await readEvents(database.db)).toContainEqual(expect.objectContaining({ type: 'restored', reason }));
    expect(await states()).toEqual(['applied', 'applied', 'applied']);
  });
});
