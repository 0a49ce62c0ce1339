import { setTimeout as sleep } from 'node:timers/promises';
import type { Db } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { deploy, type RunOptions } from '../../src/deploy';
import { isHeld, readChangelog, takeLease } from '../../src/history';
import { isOwnCollection } from '../../src/schema';
import { letLeaseRunOut } from '../support/lease';
import type { OwnServer } from '../support/own-server';
import { startDeploy, startDeployHere } from '../support/running-command';
import { indexOn, makeSmallProject, type SmallProject } from '../support/small-project';
import { eventsOf, expectApplied, expectFree } from './expectations';
import { hangInIndexBuild, letGo, prepareUsers } from './hanging-build';

interface Extent {
  readonly signals: readonly ('SIGTERM' | 'SIGINT')[];
  /** How a lease runs out: with the time, or because the test says that it has. */
  readonly runsOut: 'with the time' | 'at once';
  /** How long a command may wait for a lock before it pauses as long, in milliseconds. */
  readonly ddlWait: number;
  /** Whether data steps are stopped that never end, each of which takes some seconds. */
  /** Ways in which a data step does not end; none unless given. */
  readonly dataSteps?: 'all';
}

/** To be called in a file. */
export function testSignals(server: OwnServer, { signals, runsOut, ddlWait, dataSteps }: Extent): void {
  let project: SmallProject;
  beforeAll(async () => {
    project = await makeSmallProject({
      collections: `createCollections('users', 'projects')`,
      users: `createIndexes('users', [${indexOn('email')}]), addValidator('users', { $jsonSchema: { bsonType: 'object' } })`,
      statuses: `createIndexes('projects', [${indexOn('status')}])`,
    });
  });
  afterAll(() => project.remove());

  describe.each(signals)('%s during a deploy', (signal) => {
    it('waits for the command that is running, gives the lease back, ends 1 and names what is left', async () => {
      const { db, env } = server.freshDatabase();
      await prepareUsers(server, db, project);
      const run = await hangInIndexBuild(server, db, () => startDeploy(project, env, []));
      run.send(signal);
      await run.says(`${signal}: stopping after the running command`);
      // For as long as the command runs; nothing is to happen in this time.
      await sleep(300);
      expect(await isHeld(db)).toBe(true);
      await letGo(server);
      const { exitCode, stderr } = await run.ended;
      expect(exitCode).toBe(1);
      expect(stderr).toContain(`left   ${project.names.slice(1).join(', ')}\n`);
      await expectFree(db);
      const indexes = await db.collection('users').listIndexes().toArray();
      expect(indexes.map(({ name }) => name as string)).toEqual(['_id_', 'email_1']);
      expect((await eventsOf(db, run.pid)).map(({ type }) => type)).toEqual(['started', 'interrupted']);

      expect(await startDeployHere(project, env).ended).toMatchObject({ exitCode: 0 });
      await expectApplied(db, project);
    });
  });

  describe('A second signal', () => {
    it('ends the deploy at once, which says what goes on; the lease runs out by itself, and the next deploy joins the index build', async () => {
      const { db, env } = server.freshDatabase();
      await prepareUsers(server, db, project);
      const run = await hangInIndexBuild(server, db, () =>
        startDeploy(project, { ...env, SCHEMA_LEASE_SECONDS: '10' }, []),
      );
      run.send('SIGTERM');
      await run.says('SIGTERM: stopping');
      const sent = performance.now();
      run.send('SIGINT');
      const { exitCode, stderr } = await run.ended;
      expect(exitCode).toBe(1);
      expect(performance.now() - sent).toBeLessThan(5_000);
      expect(stderr).toContain('the server had not answered createIndexes of users, and may still be running it');
      expect(stderr).toMatch(/the lease is not released, .*: it expires at \d{4}-/);
      expect(stderr).toContain(`left   ${project.names.slice(1).join(', ')}\n`);
      expect((await eventsOf(db, run.pid)).map(({ type }) => type)).toEqual(['started', 'interrupted']);
      if (runsOut === 'at once') await letLeaseRunOut(db);
      const next = startDeploy(project, env);
      await expect.poll(() => eventsOf(db, next.pid), { timeout: 30_000, interval: 50 }).not.toEqual([]);
      await letGo(server);
      expect(await next.ended).toMatchObject({ exitCode: 0 });
      await expectApplied(db, project);
    });
  });

  if (dataSteps === 'all') testDataSteps(server);

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
    const start = ({ databaseName }: Db, options: Partial<RunOptions>) => {
      const target = { url: server.server.url, database: databaseName, folder: project.folder };
      return deploy({ ...target, ...options }).then(
        () => expect.fail('it was not stopped'),
        (error: unknown) => error as Error & { code?: unknown; left?: unknown },
      );
    };

    it('stops it between two migrations: code ABORTED, and what is left', async () => {
      const { db } = server.freshDatabase();
      const controller = new AbortController();
      const onEvent: RunOptions['onEvent'] = ({ type }) => {
        if (type === 'migration') controller.abort();
      };
      const error = await start(db, { signal: controller.signal, onEvent });
      expect(error).toMatchObject({ code: 'ABORTED', left: project.names.slice(1) });
      expect((await readChangelog(db)).map(({ fileName }) => fileName)).toEqual(project.names.slice(0, 1));
      await expectFree(db);
    });

    it('that is aborted already lets nothing be written', async () => {
      const { db } = server.freshDatabase();
      expect(await start(db, { signal: AbortSignal.abort() })).toMatchObject({ code: 'ABORTED' });
      const names = (await db.listCollections({}, { nameOnly: true }).toArray()).map(({ name }) => name);
      expect(names.filter((name) => !isOwnCollection(name))).toEqual([]);
      expect(await readChangelog(db)).toEqual([]);
    });

    it('ends the pause before a command that was blocked is sent again', async () => {
      const { db } = server.freshDatabase();
      await prepareUsers(server, db, project);
      const transaction = server.client.startSession();
      transaction.startTransaction();
      await db.collection('users').updateOne({}, { $set: { name: 'Ann' } }, { session: transaction });
      const controller = new AbortController();
      const run = start(db, { signal: controller.signal, ddlWait });
      const isSent = () => isInProgress(db, 'collMod', 'users');
      await expect.poll(isSent, { timeout: 30_000, interval: 20 }).toBe(true);
      await expect.poll(isSent, { timeout: 30_000, interval: 20 }).toBe(false);
      // Now the pause has begun, which would last as long as the first try.
      const aborted = performance.now();
      controller.abort();
      expect(await run).toMatchObject({ code: 'ABORTED' });
      expect(performance.now() - aborted).toBeLessThan(1_000);
      await transaction.abortTransaction();
      await transaction.endSession();
      await expectFree(db);
    });
  });

  /** Whether the server works on such a command. */
  async function isInProgress({ databaseName }: Db, name: string, collection: string): Promise<boolean> {
    const $match = { [`command.${name}`]: collection, 'command.$db': databaseName };
    const found = await server.client
      .db('admin')
      .aggregate([{ $currentOp: {} }, { $match }])
      .toArray();
    return found.length > 0;
  }
}

/** A step of somebody else's may hang, write without end, or let no error end it. */
function testDataSteps(server: OwnServer): void {
  describe('A signal in a data step', () => {
    it.each([
      ['that hangs', 'await new Promise(() => setInterval(() => undefined, 1000))'],
      ['that writes without end', `for (;;) await db.collection('users').updateOne({}, { $inc: { visits: 1 } })`],
      [
        'that lets no error end it',
        `for (;;) {
          await db.command({ ping: 1 }).catch(() => undefined);
          await new Promise((resolve) => setImmediate(resolve));
        }`,
      ],
    ])(
      '%s ends the deploy within ten seconds, and gives the lease back unless a write was on its way',
      async (_, body) => {
        const { db, env } = server.freshDatabase();
        const step = `run('a reason', { isDone: async () => false, undo: 'nothing to undo', run: async ({ db, progress }) => { progress(1, 2); ${body}; } })`;
        const hanging = await makeSmallProject({ collections: `createCollections('users')`, step });
        onTestFinished(() => hanging.remove());
        const run = startDeploy(hanging, env, []);
        await run.says('a reason');
        const sent = performance.now();
        run.send('SIGTERM');
        const { exitCode, stderr } = await run.ended;
        expect(exitCode).toBe(1);
        // Ten seconds, twice: the machine may have much else to do.
        expect(performance.now() - sent).toBeLessThan(20_000);
        expect(await isHeld(db)).toBe(stderr.includes('the lease is not released'));
        expect((await eventsOf(db, run.pid)).map(({ type }) => type).slice(-2)).toEqual(['started', 'interrupted']);
      },
    );
  });
}
