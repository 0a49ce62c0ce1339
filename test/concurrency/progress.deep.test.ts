import { setTimeout as sleep } from 'node:timers/promises';
import { MongoClient, type Db } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { status } from '../../src/deploy';
import type { Session } from '../../src/execute';
import { withProgress } from '../../src/execute/build-progress';
import { takeLease } from '../../src/history';
import { useOwnServer } from '../support/own-server';
import { startDeployHere } from '../support/running-command';
import { documentOf, runSchema } from '../support/schema-command';
import { startWithUsers, type ServerWithUsers } from '../support/server-with-users';
import { indexOn, makeSmallProject, type SmallProject } from '../support/small-project';

const hanging = 'hangIndexBuildDuringCollectionScanPhaseBeforeInsertion';
const howMany = 2_000;
const languages = `filter: { language: { $exists: false } }, update: { $set: { language: 'en' } }`;
let project: SmallProject;
beforeAll(async () => {
  project = await makeSmallProject({
    collections: "createCollections('users')",
    emails: `createIndexes('users', [${indexOn('email')}])`,
    languages: `backfill('users', { ${languages}, batchSize: 100, pause: 250 })`,
  });
});
afterAll(() => project.remove());

async function fill(db: Db): Promise<void> {
  await db.collection('users').insertMany(Array.from({ length: howMany }, (_, number) => ({ number })));
}

describe('While a deploy is at work', () => {
  const server = useOwnServer();
  const deployTo = (env: Record<string, string>, to: string) => startDeployHere(project, env, ['--to', to]);
  const prepared = async (to: string) => {
    const { db, env } = server.freshDatabase();
    await deployTo(env, 'collections').ended;
    if (to === 'emails') await fill(db);
    else await deployTo(env, 'emails').ended.then(() => fill(db));
    return { db, env };
  };
  const statusOf = (env: Record<string, string>, ...args: string[]) => runSchema(project, ['status', ...args], env);

  it('it and `status` tell how far an index build is', async () => {
    const { env } = await prepared('emails');
    await server.failPoint(hanging, { fieldsToMatch: { number: howMany / 2 } });
    const deploy = deployTo(env, 'emails');
    await server.failPointMet(hanging);
    const { stdout } = await statusOf(env);
    const what = 'index build of users (email_1), scanning';
    expect(stdout).toMatch(/^20260102000000-emails\.ts is running/m);
    expect(stdout).toMatch(/^index build of users \(email_1\), scanning: [\d,]+ of 2,000 documents, \d+%$/m);
    const common = { kind: 'index build', what, collection: 'users', unit: 'documents', total: howMany };
    const { running } = documentOf(await statusOf(env, '--json')) as { running: { done: number }[] };
    expect(running).toEqual([{ ...common, done: expect.any(Number) as number }]);
    expect(running[0]?.done).toBeGreaterThan(0);
    expect(running[0]?.done).toBeLessThan(howMany);
    await deploy.says(/^index build of users \(email_1\), scanning: [\d,]+ of 2,000 documents/m);
    await server.failPointOff(hanging);
    expect(await deploy.ended).toMatchObject({ exitCode: 0 });
    expect(documentOf(await statusOf(env, '--json'))).toMatchObject({ running: [] });
  });

  it('`status` tells of an index build that somebody began by hand', async () => {
    const { db, env } = await prepared('emails');
    await server.failPoint(hanging, { fieldsToMatch: { number: howMany / 2 } });
    const build = db.collection('users').createIndex({ name: 1 });
    await server.failPointMet(hanging);
    const report = documentOf(await statusOf(env, '--json'));
    await server.failPointOff(hanging);
    await build;
    expect(report).toMatchObject({ running: [{ collection: 'users', total: howMany }] });
    expect(report).not.toHaveProperty('holder');
    expect(report).not.toHaveProperty('indexBuildsUnknown');
  });

  it('`status` tells how far a backfill is, how fast it goes, and how much time is left', async () => {
    const { env } = await prepared('languages');
    const deploy = deployTo(env, 'languages');
    const seen = () => statusOf(env).then(({ stdout }) => stdout);
    const line = /^backfill users: [\d,]+ of 2,000 documents, \d+%, [\d,.]+\/s, \d+ seconds? left$/m;
    await expect.poll(seen, { timeout: 30_000, interval: 100 }).toMatch(line);
    const { running } = documentOf(await statusOf(env, '--json')) as { running: Record<string, number>[] };
    expect(running).toMatchObject([{ kind: 'backfill', collection: 'users', unit: 'documents', total: howMany }]);
    const { done = 0, perSecond = 0, secondsLeft = 0 } = running[0] ?? {};
    expect(secondsLeft).toBe(Math.round((howMany - done) / perSecond));
    expect(await deploy.ended).toMatchObject({ exitCode: 0 });
    expect(documentOf(await statusOf(env, '--json'))).toMatchObject({ running: [] });
  });
});

describe('A user who may not see what others do', () => {
  let server: ServerWithUsers;
  let url: string;
  beforeAll(async () => {
    server = await startWithUsers();
    url = await server.urlWith({ role: 'readWrite', db: 'product' });
  });
  afterAll(() => server.stop());

  it('is told by `status` that index builds are not known; people only while a run is at work', async () => {
    const target = { url, database: 'product', folder: project.folder };
    const reason = expect.stringContaining('lacks the privilege inprog') as string;
    expect(await status(target)).toMatchObject({ running: [], indexBuildsUnknown: reason });
    const env = { MONGODB_URL: url, MONGODB_DATABASE: 'product' };
    expect((await runSchema(project, ['status'], env)).stdout).not.toContain('inprog');
    const client = await new MongoClient(url).connect();
    await takeLease(client.db('product'), { purpose: 'a test', seconds: 30, timeout: 0 });
    await client.close();
    expect((await runSchema(project, ['status'], env)).stdout).toContain('lacks the privilege inprog');
  });

  it('is told by a run that it is not known how far an index build is', async () => {
    const client = await new MongoClient(url).connect();
    const db = client.db('product');
    const notes: string[] = [];
    const progress: string[] = [];
    const session: Session = {
      ...{ db, bookkeeping: db, isReplicaSet: false, ddlWait: 1_000, allowDataLoss: false },
      guard: () => Promise.resolve(),
      onProgress: (what) => progress.push(what),
      onNote: (message) => notes.push(message),
    };
    await withProgress(session, 'users', () => sleep(2_500));
    await client.close();
    expect(notes).toEqual([expect.stringContaining('lacks the privilege inprog')]);
    expect(progress).toEqual([]);
  });
});
