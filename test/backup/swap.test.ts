import { setTimeout as sleep } from 'node:timers/promises';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { CheckedArchive } from '../../src/backup/archive-reader';
import { judgeSpace } from '../../src/backup/restore-preflight';
import { useDatabase } from '../support/database';
import { startProxy } from '../support/proxy';
import { testCutOff } from './cut-off';
import { backupOf, contentOf, fillResults, hashOf, namesOfRestores, restoreInto, temporaryFolder } from './support';
import { backUpEverything, fillBefore, stateOf } from './swapping';
import { startApplication } from './writing-application';

const database = useDatabase();
beforeEach(() => database.db.dropDatabase());

describe('A restore', () => {
  it('exchanges collections, views and time series, adds what is new, and removes what the backup lacks', async () => {
    const { db, name } = database;
    const { file, state } = await backUpEverything(db);
    await fillBefore(db);
    const report = await restoreInto(name, file, { drop: true });
    expect(await stateOf(db)).toEqual(state);
    expect(report).toMatchObject({ written: [], aside: [], made: [] });
    expect(await namesOfRestores(db)).toEqual([]);
    expect(await db.collection('schema_lock').countDocuments({ _id: { $ne: 'lease' as never } })).toBe(0);
  });

  it('is not disturbed by an application that goes on writing, and says what became of what it wrote', async () => {
    const { db, name, url } = database;
    await fillResults(db, 5_000);
    const { file } = await backupOf(name, await temporaryFolder());
    const backedUp = await hashOf(db);
    await db.collection('results').deleteMany({ number: { $gte: 100 } });
    const application = await startApplication(url, name, 50);
    const report = await restoreInto(name, file, { drop: true });
    const written = await application.stop();
    expect(written).toBeGreaterThan(10);
    // On a slow machine the name may be taken more than once.
    const aside = (report.aside ?? []).reduce((sum, { documents }) => sum + documents, 0);
    const [old] = report.written ?? [];
    expect(old?.name).toBe('results');
    const here = await db.collection('results').countDocuments({ of: 'the application' });
    // Each one is in the collection that was replaced, in the one that is in place, or in one between them.
    expect((old?.then ?? 0) - 100 + aside + here, JSON.stringify(report)).toBe(written);
    await db.collection('results').deleteMany({ of: 'the application' });
    expect((await hashOf(db))['results']).toBe(backedUp['results']);
    expect(await db.collection('results').indexes()).toHaveLength(1);
  });

  it('sets aside what is written in the moment in which a name is free, and counts it', async () => {
    const { db, name, url } = database;
    await fillResults(db, 20);
    const { file } = await backupOf(name, await temporaryFolder());
    const backedUp = await hashOf(db);
    let inserted = 0;
    const proxy = await startProxy(url, async ({ name: command, collection }) => {
      if (command === 'renameCollection' && collection === 'restoring_results' && inserted < 3) {
        await db.collection('results').insertOne({ number: ++inserted });
      }
      return undefined;
    });
    onTestFinished(() => proxy.close());
    const report = await restoreInto(name, file, { url: proxy.url, drop: true });
    expect(report.aside).toEqual(
      [1, 2, 3].map((number) => ({ name: 'results', collection: `meanwhile_${number}_results`, documents: 1 })),
    );
    const { meanwhile_1_results, meanwhile_2_results, meanwhile_3_results, ...rest } = await hashOf(db);
    expect([meanwhile_1_results, meanwhile_2_results, meanwhile_3_results]).not.toContain(undefined);
    expect(rest).toEqual(backedUp);
  });

  it('changes nothing when what was loaded is not what the backup holds, and says how to accept it', async () => {
    const { db, name, url } = database;
    await fillResults(db, 20);
    const { file } = await backupOf(name, await temporaryFolder());
    await db.collection('results').deleteMany({});
    const before = await stateOf(db);
    let isAltered = false;
    const proxy = await startProxy(url, async ({ name: command, collection }) => {
      if (isAltered || command !== 'find' || collection !== 'restoring_results') return undefined;
      isAltered = true;
      await db.collection(collection).updateOne({}, { $set: { number: -1 } });
      return undefined;
    });
    onTestFinished(() => proxy.close());
    const refused = restoreInto(name, file, { url: proxy.url, drop: true });
    await expect(refused).rejects.toMatchObject({
      code: 'BACKUP',
      why: expect.arrayContaining([
        'the documents of results differ from those of the backup',
        'the database is in its previous state',
      ]) as string[],
      fix: expect.stringContaining('--allow-differences') as string,
    });
    expect(await stateOf(db)).toEqual(before);
    expect(await namesOfRestores(db)).toEqual([]);
    isAltered = false;
    await restoreInto(name, file, { url: proxy.url, drop: true, allowDifferences: true });
    expect(await db.collection('results').countDocuments()).toBe(20);
  });

  it('compares every document before a TTL can delete any, also in a clustered collection', async () => {
    const { db, name, url } = database;
    const { file } = await backUpEverything(db);
    const sent: string[] = [];
    const proxy = await startProxy(url, ({ name: command, collection, body }): undefined => {
      const hasTtl = JSON.stringify(body).includes('expireAfterSeconds');
      sent.push(`${command} ${collection}${hasTtl ? ' with a TTL' : ''}`);
    });
    onTestFinished(() => proxy.close());
    await restoreInto(name, file, { url: proxy.url });
    const lastRead = sent.findLastIndex((command) => /^(?:find|getMore) restoring_(?!schema)/.test(command));
    const firstTtl = sent.findIndex((command) => command.endsWith('with a TTL'));
    expect(sent).toEqual(
      expect.arrayContaining(['createIndexes restoring_tokens with a TTL', 'collMod restoring_sessions with a TTL']),
    );
    expect(firstTtl).toBeGreaterThan(lastRead);
  });

  it('says how much room it needs, and refuses a server that has less', async () => {
    const { db } = database;
    await fillResults(db, 20);
    const said: string[] = [];
    const judge = (bytes: number) =>
      judgeSpace(db, { manifest: { collections: [{ bytes }] } } as unknown as CheckedArchive, (event) => {
        if (event.type === 'step') said.push(event.message);
      });
    await judge(50 * 1024 * 1024);
    expect(said).toEqual([
      expect.stringMatching(
        /needs about 60 MiB on the server \(10 MiB of it for indexes\), in addition to .*; \d+ MiB are free/,
      ),
    ]);
    await expect(judge(1e15)).rejects.toMatchObject({
      code: 'BACKUP',
      summary: 'The server has too little space for a restore, so nothing was changed',
      fix: expect.stringContaining('--no-space-check') as string,
    });
  });

  it('ends a mongorestore that gets no answer any more, and leaves everything as it was', async () => {
    const { db, name, url } = database;
    await fillResults(db, 20);
    const { file } = await backupOf(name, await temporaryFolder());
    const before = await stateOf(db);
    const proxy = await startProxy(url, ({ name: command, collection }) =>
      command === 'insert' && collection === 'restoring_results' ? { swallow: 'reply' } : undefined,
    );
    onTestFinished(() => proxy.close());
    const refused = restoreInto(name, file, { url: proxy.url, drop: true, patience: 1_500 });
    await expect(refused).rejects.toThrow(/mongorestore was stopped[^]*the database is in its previous state/);
    const stop = new AbortController();
    const stopped = restoreInto(name, file, { url: proxy.url, drop: true, signal: stop.signal });
    await sleep(1_000);
    stop.abort();
    await expect(stopped).rejects.toMatchObject({ code: 'ABORTED' });
    expect(await stateOf(db)).toEqual(before);
  });

  it('refuses names that are its own', async () => {
    const { db, name } = database;
    await fillResults(db, 20);
    const { file } = await backupOf(name, await temporaryFolder());
    await db.collection('replaced_parts').insertOne({ of: 'somebody' });
    const refused = { code: 'BACKUP', why: [expect.stringContaining('"replaced_parts"') as string] };
    await expect(restoreInto(name, file, { drop: true })).rejects.toMatchObject(refused);
    await expect(backupOf(name, await temporaryFolder())).rejects.toMatchObject(refused);
    expect(await db.collection('replaced_parts').countDocuments()).toBe(1);
  });
});

describe('A backup', () => {
  it('refuses, by name, a collection that mongorestore would leave out', async () => {
    const { db, name } = database;
    await db.collection('two\nlines').insertOne({});
    await fillResults(db, 5);
    const folder = await temporaryFolder();
    await expect(backupOf(name, folder)).rejects.toMatchObject({
      code: 'BACKUP',
      why: [expect.stringContaining(String.raw`"two\nlines"`)],
      fix: expect.stringContaining('rename') as string,
    });
    expect(await contentOf(folder, name)).toEqual({ backups: [], partials: [], others: [] });
  });

  it('leaves out what a restore has loaded beside the rest', async () => {
    const { db, name } = database;
    await fillResults(db, 5);
    await db.collection('restoring_results').insertOne({ of: 'a restore' });
    await db.createCollection('restoring_series', { timeseries: { timeField: 't' } });
    const collections = [{ name: 'restoring_results' }, { name: 'restoring_series' }];
    await db.collection('schema_lock').insertOne({ _id: 'restore-leftovers' as never, collections });
    const folder = await temporaryFolder();
    const { file, ...report } = await backupOf(name, folder);
    expect(report).toMatchObject({ collections: 1, documents: 5 });
    await restoreInto(name, file, { drop: true });
    expect(await namesOfRestores(db)).toEqual([]);
  });
});

testCutOff({
  points: [
    { kind: 'insert restoring_results', occurrence: 1 },
    { kind: 'renameCollection results', occurrence: 1 },
    { kind: 'renameCollection restoring_was_view', occurrence: 1 },
    { kind: 'drop replaced_results', occurrence: 1 },
  ],
});
