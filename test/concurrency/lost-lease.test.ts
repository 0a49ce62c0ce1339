import { setTimeout as sleep } from 'node:timers/promises';
import type { Db, Document } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { unlock } from '../../src/deploy';
import { isHeld, readChangelog, readEvents, readLease } from '../../src/history';
import { useOwnServer } from '../support/own-server';
import { startDeploy, type RunningCommand } from '../support/running-command';
import { indexOn, makeSmallProject, type SmallProject } from '../support/small-project';
import { eventsOf, expectApplied, expectFree } from './expectations';
import { hangInIndexBuild, letGo, prepareUsers } from './hanging-build';

const server = useOwnServer();
let project: SmallProject;
beforeAll(async () => {
  project = await makeSmallProject({
    collections: `createCollections('users', 'projects')`,
    emails: `createIndexes('users', [${indexOn('email')}])`,
    more: `createCollections('targets'), createIndexes('projects', [${indexOn('status')}])`,
  });
});
afterAll(() => project.copy.remove());

const appName = 'sentimatrix-schema';
const shortLease = { SCHEMA_LEASE_SECONDS: '2' };

/** What a server profiled of the runs' writes. */
async function writesIn(db: Db): Promise<string[]> {
  const profiled = await db.collection('system.profile').find({ appName }).toArray();
  const nameOf = ({ command, op }: Document) => Object.keys((command as Document | undefined) ?? {})[0] ?? String(op);
  const reads = new Set(['find', 'aggregate', 'listCollections', 'listIndexes', 'hello', 'ping', 'endSessions']);
  return profiled
    .filter((entry) => !reads.has(nameOf(entry)) && !isIdle(entry))
    .map((entry) => `${nameOf(entry)} ${String(entry['ns'])}`);
}

/** Giving up a lease that another one took meanwhile: it matches nothing. */
function isIdle({ ns, op, command, nMatched, nModified }: Document): boolean {
  const isUpdate = op === 'update' || (command as Document | undefined)?.['update'] !== undefined;
  return String(ns).endsWith('.schema_lock') && isUpdate && !nMatched && !nModified;
}

/** Lets a paused run go on, and tells how it ends and what it writes from then on. */
async function wake(db: Db, run: RunningCommand) {
  const lease = await readLease(db);
  await db.command({ profile: 2 });
  run.send('SIGCONT');
  const ended = await run.ended;
  await db.command({ profile: 0 });
  expect(await readLease(db)).toEqual(lease);
  return { ...ended, writes: await writesIn(db) };
}

/** Waits, while a run is paused, until its lease has run out. */
async function expire(db: Db): Promise<void> {
  await expect.poll(() => isHeld(db), { timeout: 10_000, interval: 50 }).toBe(false);
}

describe('A deploy that is paused beyond its lease', () => {
  it('in an index build ends 3 when it wakes, and writes nothing more', async () => {
    const { db, env } = server.freshDatabase();
    await prepareUsers(server, db, project);
    const paused = await hangInIndexBuild(server, db, () => startDeploy(project, { ...env, ...shortLease }));
    paused.send('SIGSTOP');
    await expire(db);
    await letGo(server);
    const other = await startDeploy(project, env).ended;
    expect(other).toMatchObject({ exitCode: 0 });
    const { exitCode, stderr, writes } = await wake(db, paused);
    expect({ exitCode, writes }).toEqual({ exitCode: 3, writes: [] });
    expect(stderr).toContain('lost its lease');
    expect((await eventsOf(db, paused.pid)).map(({ type }) => type)).toEqual(['started']);
    await expectApplied(db, project);
  });

  it('right after it asked whether it holds the lease does not trust the old answer', async () => {
    const { db, env } = server.freshDatabase();
    await prepareUsers(server, db, project);
    const paused = await hangInIndexBuild(server, db, () => startDeploy(project, { ...env, ...shortLease }));
    const blocked = { failCommands: ['find'], namespace: `${db.databaseName}.schema_lock`, appName };
    await server.failPoint('failCommand', { ...blocked, blockConnection: true, blockTimeMS: 1_000 });
    await letGo(server);
    await expectCommand(db, 'find', 'schema_lock');
    paused.send('SIGSTOP');
    await server.failPointOff('failCommand');
    await expire(db);
    expect(await startDeploy(project, env).ended).toMatchObject({ exitCode: 0 });
    expect(await wake(db, paused)).toMatchObject({ exitCode: 3, writes: [] });
    await expectApplied(db, project);
  });

  it('with a write on its way lands that one and no other', async () => {
    const { db, env } = server.freshDatabase();
    await prepareUsers(server, db, project);
    const paused = await hangInIndexBuild(server, db, () => startDeploy(project, { ...env, ...shortLease }));
    const blocked = { failCommands: ['insert'], namespace: `${db.databaseName}.schema_history`, appName };
    await server.failPoint('failCommand', { ...blocked, blockConnection: true, blockTimeMS: 4_000 });
    await letGo(server);
    await expectCommand(db, 'insert', 'schema_history');
    paused.send('SIGSTOP');
    await server.failPointOff('failCommand');
    await expire(db);
    expect(await startDeploy(project, env).ended).toMatchObject({ exitCode: 0 });
    // The server has carried the write out by then, so its reply is what the run finds when it wakes.
    await expect.poll(() => eventsOf(db, paused.pid), { timeout: 10_000 }).toHaveLength(2);
    const block = (await readChangelog(db)).map(({ migrationBlock }) => migrationBlock);
    expect(await wake(db, paused)).toMatchObject({ exitCode: 3, writes: [] });
    expect((await eventsOf(db, paused.pid)).map(({ type }) => type)).toEqual(['started', 'finished']);
    expect((await readChangelog(db)).map(({ migrationBlock }) => migrationBlock)).toEqual(block);
    expect((await readChangelog(db)).map(({ fileName }) => fileName)).toEqual(project.names);
  });
});

describe('A lease that is cleared', () => {
  it('while collections are worked on side by side ends the run with 3, and leaves its end to the next one', async () => {
    const { db, env } = server.freshDatabase();
    const blocked = { failCommands: ['create'], appName };
    await server.failPoint('failCommand', { ...blocked, blockConnection: true, blockTimeMS: 1_500 });
    const run = startDeploy(project, env);
    await expectCommand(db, 'create', 'users');
    const target = { url: env['MONGODB_URL'] ?? '', database: db.databaseName };
    expect(await unlock({ ...target, force: true })).toMatchObject({ isHeld: true, cleared: true });
    expect(await run.ended).toMatchObject({ exitCode: 3 });
    expect((await eventsOf(db, run.pid)).map(({ type }) => type)).toEqual(['started']);
    await server.failPointOff('failCommand');
    await expectFree(db);
    expect(await startDeploy(project, env).ended).toMatchObject({ exitCode: 0 });
    await expectApplied(db, project);
    const types = (await readEvents(db)).map(({ type }) => type);
    expect(types.slice(0, 4)).toEqual(['started', 'unlocked', 'interrupted', 'started']);
  });
});

/** Waits until the server works on a command. */
async function expectCommand(db: Db, name: string, collection: string): Promise<void> {
  const inProgress = () =>
    server.client
      .db('admin')
      .aggregate([{ $currentOp: {} }, { $match: { [`command.${name}`]: collection, 'command.$db': db.databaseName } }])
      .toArray();
  await expect.poll(inProgress, { timeout: 30_000, interval: 20 }).not.toEqual([]);
  await sleep(50);
}
