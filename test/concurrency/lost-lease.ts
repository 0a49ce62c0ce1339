import type { Db } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { unlock } from '../../src/deploy';
import { isHeld, readChangelog, readEvents, readLease } from '../../src/history';
import { letLeaseRunOut } from '../support/lease';
import type { OwnServer } from '../support/own-server';
import { closedGate } from '../support/gate';
import { startProxy, type SentCommand, type Treat } from '../support/proxy';
import { startDeploy, startDeployHere, type RunningCommand } from '../support/running-command';
import { indexOn, makeSmallProject, type SmallProject } from '../support/small-project';
import { eventsOf, expectApplied, expectFree } from './expectations';
import { hangInIndexBuild, letGo, prepareUsers } from './hanging-build';
import { writtenDuring } from '../support/written-by-runs';

interface Extent {
  /** How a lease runs out where it makes no difference: with the time, or because the test says that it has. */
  readonly runsOut: 'with the time' | 'at once';
  /** Where a deploy is paused beyond its lease. */
  readonly pauses: 'everywhere' | 'in an index build';
}

/** The shortest there is. */
const shortLease = { SCHEMA_LEASE_SECONDS: '10' };

/** To be called in a file. */
export function testLostLease(server: OwnServer, { runsOut, pauses }: Extent): void {
  let project: SmallProject;
  beforeAll(async () => {
    project = await makeSmallProject({
      collections: `createCollections('users', 'projects')`,
      emails: `createIndexes('users', [${indexOn('email')}])`,
      more: `createCollections('targets'), createIndexes('projects', [${indexOn('status')}])`,
    });
  });
  afterAll(() => project.remove());

  /** Starts a deploy whose commands meet this on their way to the server. */
  async function startThroughProxy(env: Readonly<Record<string, string>>, treat: Treat): Promise<RunningCommand> {
    const proxy = await startProxy(server.server.url, treat);
    // What comes first here runs last: the deploy has ended by then.
    onTestFinished(() => proxy.close());
    return startDeploy(project, { ...env, ...shortLease, MONGODB_URL: proxy.url });
  }

  /** Starts a deploy, and waits until a command of it is on its way to the server, where it does not arrive before `letGo`. */
  async function startHeld(env: Readonly<Record<string, string>>, isTheOne: (command: SentCommand) => boolean) {
    const [sent, letGo] = [closedGate(), closedGate()];
    const run = await startThroughProxy(env, async (command) => {
      if (isTheOne(command)) {
        sent.open();
        await letGo.opened;
      }
      return undefined;
    });
    // The proxy waits for what it holds.
    onTestFinished(letGo.open);
    await sent.opened;
    return { run, letGo: letGo.open };
  }

  it('What a deploy writes is noticed', async () => {
    const { db, env } = server.freshDatabase();
    const written = await writtenDuring(db, async () => {
      await startDeployHere(project, env).ended;
    });
    const writes = ['create users', 'createIndexes projects', 'insert schema_history', 'update changelog'];
    for (const write of writes) expect(written).toContain(write.replace(' ', ` ${db.databaseName}.`));
  });

  describe('A deploy that is paused beyond its lease', () => {
    it('in an index build ends 3 when it wakes, and writes nothing more', async () => {
      const { db, env } = server.freshDatabase();
      await prepareUsers(server, db, project);
      const paused = await hangInIndexBuild(server, db, () => startDeploy(project, { ...env, ...shortLease }));
      paused.send('SIGSTOP');
      await (runsOut === 'at once' ? letLeaseRunOut(db) : untilLeaseRunsOut(db));
      await letGo(server);
      expect(await startDeployHere(project, env).ended).toMatchObject({ exitCode: 0 });
      const { exitCode, stderr, writes } = await wake(db, paused);
      expect({ exitCode, writes }).toEqual({ exitCode: 3, writes: [] });
      expect(stderr).toContain('lost its lease');
      expect((await eventsOf(db, paused.pid)).map(({ type }) => type)).toEqual(['started']);
      await expectApplied(db, project);
    });

    if (pauses === 'everywhere') testOtherPauses();
  });

  describe('A lease that is cleared', () => {
    it('while collections are worked on side by side ends the run with 3, and leaves its end to the next one', async () => {
      const { db, env } = server.freshDatabase();
      const { run, letGo } = await startHeld(env, ({ name }) => name === 'create');
      const target = { url: env['MONGODB_URL'] ?? '', database: db.databaseName };
      expect(await unlock({ ...target, force: true })).toMatchObject({ isHeld: true, cleared: true });
      letGo();
      expect(await run.ended).toMatchObject({ exitCode: 3 });
      expect((await eventsOf(db, run.pid)).map(({ type }) => type)).toEqual(['started']);
      await expectFree(db);
      expect(await startDeployHere(project, env).ended).toMatchObject({ exitCode: 0 });
      await expectApplied(db, project);
      const types = (await readEvents(db)).map(({ type }) => type);
      expect(types.slice(0, 4)).toEqual(['started', 'unlocked', 'interrupted', 'started']);
    });
  });

  function testOtherPauses(): void {
    it('right after it asked whether it holds the lease does not trust the old answer', async () => {
      const { db, env } = server.freshDatabase();
      await prepareUsers(server, db, project);
      const answered = closedGate();
      let isBuilt = false;
      const paused = await startThroughProxy(env, ({ name, collection }) => {
        isBuilt ||= name === 'createIndexes' && collection === 'users';
        if (!isBuilt || name !== 'find' || collection !== 'schema_lock') return undefined;
        return {
          onReply: () => {
            paused.send('SIGSTOP');
            answered.open();
          },
        };
      });
      await answered.opened;
      await untilLeaseRunsOut(db);
      expect(await startDeployHere(project, env).ended).toMatchObject({ exitCode: 0 });
      expect(await wake(db, paused)).toMatchObject({ exitCode: 3, writes: [] });
      // An answer counts for a moment, so the next question may come after the event that says that the index is built.
      expect((await readChangelog(db)).map(({ fileName }) => fileName)).toEqual(project.names);
    });

    it('with a write on its way lands that one and no other', async () => {
      const { db, env } = server.freshDatabase();
      await prepareUsers(server, db, project);
      let inserts = 0;
      // The second event says that the index is built.
      const { run: paused, letGo } = await startHeld(
        env,
        ({ name, collection }) => name === 'insert' && collection === 'schema_history' && ++inserts === 2,
      );
      paused.send('SIGSTOP');
      await (runsOut === 'at once' ? letLeaseRunOut(db) : untilLeaseRunsOut(db));
      expect(await startDeployHere(project, env).ended).toMatchObject({ exitCode: 0 });
      letGo();
      await expect.poll(() => eventsOf(db, paused.pid), { timeout: 10_000 }).toHaveLength(2);
      const block = (await readChangelog(db)).map(({ migrationBlock }) => migrationBlock);
      expect(await wake(db, paused)).toMatchObject({ exitCode: 3, writes: [] });
      expect((await eventsOf(db, paused.pid)).map(({ type }) => type)).toEqual(['started', 'finished']);
      expect((await readChangelog(db)).map(({ migrationBlock }) => migrationBlock)).toEqual(block);
      expect((await readChangelog(db)).map(({ fileName }) => fileName)).toEqual(project.names);
    });
  }
}

/** Lets a paused run go on, and tells how it ends and what it writes from then on. */
async function wake(db: Db, run: RunningCommand) {
  const lease = await readLease(db);
  const writes = await writtenDuring(db, async () => {
    run.send('SIGCONT');
    await run.ended;
  });
  expect(await readLease(db)).toEqual(lease);
  return { ...(await run.ended), writes };
}

/** Waits, while a run is paused, until its lease has run out. */
async function untilLeaseRunsOut(db: Db): Promise<void> {
  await expect.poll(() => isHeld(db), { timeout: 60_000, interval: 50 }).toBe(false);
}
