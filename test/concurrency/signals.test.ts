import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deploy, type RunEvent } from '../../src/deploy';
import { isHeld, readChangelog, takeLease } from '../../src/history';
import { isOwnCollection } from '../../src/schema';
import { useOwnServer } from '../support/own-server';
import { startDeploy } from '../support/running-command';
import { indexOn, makeSmallProject, type SmallProject } from '../support/small-project';
import { eventsOf, expectApplied, expectFree } from './expectations';
import { hangInIndexBuild, letGo, prepareUsers } from './hanging-build';

const server = useOwnServer();
let project: SmallProject;
beforeAll(async () => {
  project = await makeSmallProject({
    collections: `createCollections('users', 'projects')`,
    users: `createIndexes('users', [${indexOn('email')}]), addValidator('users', { $jsonSchema: { bsonType: 'object' } })`,
    statuses: `createIndexes('projects', [${indexOn('status')}])`,
  });
});
afterAll(() => project.copy.remove());

describe.each(['SIGTERM', 'SIGINT'] as const)('%s during a deploy', (signal) => {
  it('waits for the command that is running, gives the lease back, ends 1 and names what is left', async () => {
    const { db, env } = server.freshDatabase();
    await prepareUsers(server, db, project);
    const run = await hangInIndexBuild(server, db, () => startDeploy(project, env, []));
    run.send(signal);
    await run.says(`${signal}: stopping after the command that is running`);
    await sleep(300);
    expect(await isHeld(db)).toBe(true);
    await letGo(server);
    const { exitCode, stderr } = await run.ended;
    expect(exitCode).toBe(1);
    expect(stderr).toContain(`: ${project.names.slice(1).join(', ')}.`);
    await expectFree(db);
    const indexes = await db.collection('users').listIndexes().toArray();
    expect(indexes.map(({ name }) => name as string)).toEqual(['_id_', 'email_1']);
    expect((await eventsOf(db, run.pid)).map(({ type }) => type)).toEqual(['started', 'interrupted']);

    expect(await startDeploy(project, env).ended).toMatchObject({ exitCode: 0 });
    await expectApplied(db, project);
  });
});

describe('A second signal', () => {
  it('ends the deploy at once; the lease runs out by itself, and the next deploy joins the index build', async () => {
    const { db, env } = server.freshDatabase();
    await prepareUsers(server, db, project);
    const run = await hangInIndexBuild(server, db, () => startDeploy(project, { ...env, SCHEMA_LEASE_SECONDS: '2' }));
    run.send('SIGTERM');
    await run.says('SIGTERM: stopping');
    const sent = performance.now();
    run.send('SIGINT');
    expect((await run.ended).exitCode).toBe(1);
    expect(performance.now() - sent).toBeLessThan(1_000);
    const next = startDeploy(project, env);
    await expect.poll(() => eventsOf(db, next.pid), { timeout: 30_000, interval: 50 }).not.toEqual([]);
    await letGo(server);
    expect(await next.ended).toMatchObject({ exitCode: 0 });
    await expectApplied(db, project);
  });
});

describe('A signal while the deploy waits for the lease', () => {
  it('ends the wait with 1, and nothing was written', async () => {
    const { db, env } = server.freshDatabase();
    const lease = await takeLease(db, { purpose: 'a test', seconds: 30, timeout: 0 });
    const run = startDeploy(project, env);
    await run.says('waiting');
    run.send('SIGTERM');
    expect((await run.ended).exitCode).toBe(1);
    await lease.check();
    await lease.release();
    expect(await eventsOf(db, run.pid)).toEqual([]);
  });
});

describe('An AbortSignal given to deploy()', () => {
  const start = (env: Readonly<Record<string, string>>, signal: AbortSignal, onEvent?: (event: RunEvent) => void) => {
    const target = { url: env['MONGODB_URL'] ?? '', database: env['MONGODB_DATABASE'] ?? '', folder: project.folder };
    return deploy({ ...target, signal, onEvent }).then(
      () => expect.fail('it was not stopped'),
      (error: unknown) => error as Error & { code?: unknown; left?: unknown },
    );
  };

  it('stops it between two migrations: code ABORTED, and what is left', async () => {
    const { db, env } = server.freshDatabase();
    const controller = new AbortController();
    const error = await start(env, controller.signal, ({ type }) => {
      if (type === 'migration') controller.abort();
    });
    expect(error).toMatchObject({ code: 'ABORTED', left: project.names.slice(1) });
    expect((await readChangelog(db)).map(({ fileName }) => fileName)).toEqual(project.names.slice(0, 1));
    await expectFree(db);
  });

  it('that is aborted already lets nothing be written', async () => {
    const { db, env } = server.freshDatabase();
    expect(await start(env, AbortSignal.abort())).toMatchObject({ code: 'ABORTED' });
    const names = (await db.listCollections({}, { nameOnly: true }).toArray()).map(({ name }) => name);
    expect(names.filter((name) => !isOwnCollection(name))).toEqual([]);
    expect(await readChangelog(db)).toEqual([]);
  });

  it('ends the pause before a command that was blocked is sent again', async () => {
    const { db, env } = server.freshDatabase();
    await prepareUsers(server, db, project);
    const transaction = server.client.startSession();
    transaction.startTransaction();
    await db.collection('users').updateOne({}, { $set: { name: 'Ann' } }, { session: transaction });
    const controller = new AbortController();
    const run = start(env, controller.signal);
    await expect.poll(() => eventsOf(db, process.pid), { timeout: 30_000, interval: 20 }).toHaveLength(3);
    // Five seconds for the first try; then the pause begins, which would last as long.
    await sleep(5_500);
    const aborted = performance.now();
    controller.abort();
    expect(await run).toMatchObject({ code: 'ABORTED' });
    expect(performance.now() - aborted).toBeLessThan(1_000);
    await transaction.abortTransaction();
    await transaction.endSession();
    await expectFree(db);
  });
});
