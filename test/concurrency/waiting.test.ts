import { hostname, userInfo } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readEvents, readLease } from '../../src/history';
import { useOwnServer } from '../support/own-server';
import { startBareUp, startDeploy, startSchema, type RunningCommand } from '../support/running-command';
import { indexOn, makeSmallProject, type SmallProject } from '../support/small-project';
import { eventsOf, expectApplied } from './expectations';
import { hangInIndexBuild, letGo, prepareUsers } from './hanging-build';

const server = useOwnServer();
let project: SmallProject;
beforeAll(async () => {
  project = await makeSmallProject({
    collections: `createCollections('users', 'projects')`,
    emails: `createIndexes('users', [${indexOn('email')}])`,
    statuses: `createIndexes('projects', [${indexOn('status')}])`,
  });
});
afterAll(() => project.copy.remove());

const held = async (start: typeof startDeploy = startDeploy, seconds = 30) => {
  const { db, env } = server.freshDatabase();
  await prepareUsers(server, db, project);
  const holder = await hangInIndexBuild(server, db, () =>
    start(project, { ...env, SCHEMA_LEASE_SECONDS: String(seconds) }),
  );
  return { db, env, holder };
};

const describedAs = (purpose: string, { pid }: RunningCommand) =>
  new RegExp(`${purpose} by ${userInfo().username} on ${hostname()} \\(pid ${pid}\\), since \\d{4}-\\d\\d-\\d\\dT`);

describe('A deploy that finds the lease held', () => {
  it('says who is at it while it waits, and goes on when it is free', async () => {
    const { db, env, holder } = await held();
    const second = startDeploy(project, env);
    await second.says('waiting: the lease is held by');
    expect(second.stderr()).toMatch(describedAs('deploy', holder));
    await letGo(server);
    expect(await holder.ended).toMatchObject({ exitCode: 0 });
    expect(await second.ended).toMatchObject({ exitCode: 0 });
    await expectApplied(db, project);
  });

  it('ends 3 after --lock-timeout, names the holder, and has written nothing', async () => {
    const { db, env, holder } = await held();
    const second = startDeploy(project, env, ['--json', '--lock-timeout', '1']);
    const { exitCode, stderr, stdout } = await second.ended;
    expect(exitCode).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'LOCKED' } });
    expect(stderr).toMatch(/error Another run holds the lease, and 1 s were not enough/);
    expect(stderr).toMatch(describedAs('deploy', holder));
    expect(await eventsOf(db, second.pid)).toEqual([]);
    await letGo(server);
    expect(await holder.ended).toMatchObject({ exitCode: 0 });
  });

  it('names the migration that a bare run of migrate-mongo is at', async () => {
    const { db, env, holder } = await held(startBareUp);
    const { exitCode, stderr } = await startDeploy(project, env, ['--lock-timeout', '1']).ended;
    expect(exitCode).toBe(3);
    expect(stderr).toMatch(describedAs('up of 20260102000000-emails.ts', holder));
    await letGo(server);
    expect(await holder.ended).toMatchObject({ exitCode: 0 });
    await expectApplied(db, project);
  });
});

describe('The lease of a run that was killed', () => {
  it('is free as soon as it runs out, and the next deploy joins the index build that is left', async () => {
    const { db, env, holder } = await held(startDeploy, 2);
    holder.send('SIGKILL');
    await holder.ended;
    const killedAt = performance.now();
    const next = startDeploy(project, env);
    await expect.poll(async () => (await readLease(db))?.owner?.pid, { timeout: 10_000, interval: 20 }).toBe(next.pid);
    expect(performance.now() - killedAt).toBeLessThan(6_000);
    await letGo(server);
    expect(await next.ended).toMatchObject({ exitCode: 0 });
    await expectApplied(db, project);
    const ofHolder = (await readEvents(db)).filter(({ migration }) => migration === project.names[1]);
    expect(ofHolder.map(({ type }) => type)).toEqual(['started', 'interrupted', 'started', 'finished']);
  });
});

describe('unlock --force', () => {
  it('makes the run that still holds the lease end 3, and records what it did', async () => {
    const { db, env, holder } = await held();
    const { exitCode, stdout } = await startSchema(project, env, ['unlock', '--force']).ended;
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(describedAs('Cleared the lease of deploy', holder));
    await letGo(server);
    const ended = await holder.ended;
    expect(ended.exitCode).toBe(3);
    expect(ended.stderr).toContain('lost its lease');
    expect((await eventsOf(db, holder.pid)).map(({ type }) => type)).toEqual(['started']);
    expect((await readEvents(db)).at(-1)).toMatchObject({ type: 'unlocked' });
    expect(await startDeploy(project, env).ended).toMatchObject({ exitCode: 0 });
    await expectApplied(db, project);
  });

  it('ends 0 and is recorded although another run waits for the lease', async () => {
    const { db, env, holder } = await held();
    const second = startDeploy(project, env);
    await second.says('waiting');
    const { exitCode, stdout } = await startSchema(project, env, ['unlock', '--force', '--json']).ended;
    expect({ exitCode, stdout: JSON.parse(stdout || '{}') as object }).toMatchObject({
      exitCode: 0,
      stdout: { cleared: true },
    });
    await letGo(server);
    expect(await holder.ended).toMatchObject({ exitCode: 3 });
    expect(await second.ended).toMatchObject({ exitCode: 0 });
    expect((await readEvents(db)).filter(({ type }) => type === 'unlocked')).toHaveLength(1);
    await expectApplied(db, project);
  });
});
