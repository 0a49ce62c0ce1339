import { hostname, userInfo } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readEvents, readLease, takeLease } from '../../src/history';
import { letLeaseRunOut } from '../support/lease';
import type { OwnServer } from '../support/own-server';
import { startBare, startDeploy, type RunningCommand, type StartDeploy } from '../support/running-command';
import { documentOf, runSchema } from '../support/schema-command';
import { indexOn, makeSmallProject, type SmallProject } from '../support/small-project';
import { eventsOf, expectApplied } from './expectations';
import { hangInIndexBuild, letGo, prepareUsers } from './hanging-build';

interface Extent {
  /** How the deploys start that neither hold the lease at first nor are killed. */
  readonly start: StartDeploy;
  /** A --lock-timeout that is too short, in seconds. */
  readonly lockTimeout: string;
  /** Who holds the lease that a deploy finds held. */
  readonly holders: readonly ('deploy' | 'migrate-mongo')[];
  /** Who else is there when a lease is cleared. */
  readonly unlockedWhile: readonly ('nobody waits' | 'another run waits')[];
  /** How the lease of a run that was killed runs out: with the time, or because the test says that it has. */
  readonly runsOut: 'with the time' | 'at once';
}

/** To be called in a file. */
export function testWaiting(server: OwnServer, { start, lockTimeout, holders, unlockedWhile, runsOut }: Extent): void {
  let project: SmallProject;
  beforeAll(async () => {
    project = await makeSmallProject({
      collections: `createCollections('users', 'projects')`,
      emails: `createIndexes('users', [${indexOn('email')}])`,
      statuses: `createIndexes('projects', [${indexOn('status')}])`,
    });
  });
  afterAll(() => project.remove());

  /** Starts a run in a process of its own, and waits until it hangs with the lease in its hands. */
  const held = async (startHolder: typeof startDeploy = startDeploy, seconds = 30) => {
    const { db, env } = server.freshDatabase();
    await prepareUsers(server, db, project);
    const holder = await hangInIndexBuild(server, db, () =>
      startHolder(project, { ...env, SCHEMA_LEASE_SECONDS: String(seconds) }),
    );
    return { db, env, holder };
  };

  describe('A deploy that finds the lease held', () => {
    it('says who is at it while it waits, and goes on when it is free', async () => {
      const { db, env, holder } = await held();
      const second = start(project, env);
      await second.says('waiting:');
      expect(second.stderr()).toMatch(describedAs('deploy', holder));
      await letGo(server);
      expect(await holder.ended).toMatchObject({ exitCode: 0 });
      expect(await second.ended).toMatchObject({ exitCode: 0 });
      await expectApplied(db, project);
    });

    it('ends 3 after --lock-timeout, names the holder, and has written nothing', async () => {
      const { db, env, holder } = await held();
      const before = await readEvents(db);
      const { exitCode, stderr, stdout } = await start(project, env, ['--json', '--lock-timeout', lockTimeout]).ended;
      expect(exitCode).toBe(3);
      expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'LOCKED' } });
      expect(stderr).toContain(
        `✖ Another run holds the lease, and did not release it within ${lockTimeout} s (LOCKED)`,
      );
      expect(stderr).toMatch(describedAs('deploy', holder));
      expect(await readEvents(db)).toEqual(before);
      await letGo(server);
      expect(await holder.ended).toMatchObject({ exitCode: 0 });
    });
  });

  if (holders.includes('migrate-mongo')) {
    describe('A deploy that finds the lease held by a bare run', () => {
      it('names the migration that a bare run of migrate-mongo is at', async () => {
        const { db, env, holder } = await held(startBare);
        const { exitCode, stderr } = await start(project, env, ['--lock-timeout', lockTimeout]).ended;
        expect(exitCode).toBe(3);
        expect(stderr).toMatch(describedAs('up of 20260102000000-emails.ts', holder));
        await letGo(server);
        expect(await holder.ended).toMatchObject({ exitCode: 0 });
        await expectApplied(db, project);
      });
    });
  }

  describe('The lease of a run that was killed', () => {
    it('is free as soon as it runs out, and the next deploy joins the index build that is left', async () => {
      const { db, env, holder } = await held(startDeploy, 10);
      const { token = Number.NaN } = (await readLease(db)) ?? {};
      holder.send('SIGKILL');
      await holder.ended;
      if (runsOut === 'at once') await letLeaseRunOut(db);
      const next = start(project, env);
      await expect
        .poll(async () => (await readLease(db))?.token, { timeout: 60_000, interval: 20 })
        .toBeGreaterThan(token);
      await letGo(server);
      expect(await next.ended).toMatchObject({ exitCode: 0 });
      await expectApplied(db, project);
      const ofHolder = (await readEvents(db)).filter(({ migration }) => migration === project.names[1]);
      expect(ofHolder.map(({ type }) => type)).toEqual(['started', 'interrupted', 'started', 'finished']);
    });
  });

  describe('unlock --force', () => {
    it.each(unlockedWhile)(
      'makes the run that still holds the lease end 3, and records what it did, while %s',
      async (who) => {
        const { db, env, holder } = await held();
        const waiting = who === 'another run waits' ? start(project, env) : undefined;
        await waiting?.says('waiting');
        const { exitCode, stdout } = await runSchema(project, ['unlock', '--force'], env);
        expect(exitCode).toBe(0);
        expect(stdout).toMatch(describedAs('Cleared the lease of deploy', holder));
        await letGo(server);
        const ended = await holder.ended;
        expect(ended.exitCode).toBe(3);
        expect(ended.stderr).toContain('lost its lease');
        expect((await eventsOf(db, holder.pid)).map(({ type }) => type)).toEqual(['started']);
        const last = waiting ?? start(project, env);
        expect(await last.ended).toMatchObject({ exitCode: 0 });
        expect((await readEvents(db)).filter(({ type }) => type === 'unlocked')).toHaveLength(1);
        await expectApplied(db, project);
      },
    );

    it('says with --json what it did', async () => {
      const { db, env } = server.freshDatabase();
      await takeLease(db, { purpose: 'a test', seconds: 30, timeout: 0 });
      const ended = await runSchema(project, ['unlock', '--force', '--json'], env);
      expect(ended.exitCode).toBe(0);
      expect(documentOf(ended)).toMatchObject({ cleared: true });
      expect((await readEvents(db)).map(({ type }) => type)).toEqual(['unlocked']);
    });
  });
}

function describedAs(purpose: string, { pid }: RunningCommand): RegExp {
  return new RegExp(
    `${purpose} by ${userInfo().username} on ${hostname()} \\(pid ${pid}\\), since \\d{4}-\\d\\d-\\d\\dT`,
  );
}
