import type { Db } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { readEvents } from '../../src/history';
import { startDeploy } from '../support/running-command';
import { expectApplied } from './expectations';
import {
  expectUnharmed,
  onMember,
  primaryOf,
  stepDown,
  testStepDown,
  testStepsOverFailovers,
  useFailovers,
} from './failover';
import { hangInIndexBuild, letGo, prepareUsers } from './hanging-build';

const failovers = useFailovers();
const { server } = failovers;

/** Puts documents in the way of an index build, so that it takes seconds. */
async function fill(db: Db, documents = 100_000): Promise<void> {
  await prepareUsers(server, db, failovers.project);
  const batch = Math.min(documents, 10_000);
  for (let from = 0; from < documents; from += batch) {
    const users = Array.from({ length: batch }, (_, at) => {
      const number = from + at;
      return { email: `${number}@example.com`, age: number % 90, bio: `user ${number} likes tea ${number % 977}` };
    });
    await db.collection('users').insertMany(users, { ordered: false });
  }
}

/** Waits until an index build scans `users`. */
async function expectBuild(db: Db): Promise<void> {
  const builds = () =>
    server.client
      .db('admin')
      .aggregate([
        { $currentOp: { allUsers: true } },
        { $match: { ns: `${db.databaseName}.users`, msg: /^Index Build/, 'progress.done': { $gt: 0 } } },
      ])
      .toArray();
  await expect.poll(builds, { timeout: 30_000, interval: 10 }).not.toEqual([]);
}

/** The tests of this block share one replica set: each begins with what the one before it left of that. */
describe('In the middle of an index build', () => {
  testStepDown(failovers);

  it('that scans many documents, a primary that steps down does not end the deploy: it joins the build that goes on; nor one that waits', async () => {
    const { project } = failovers;
    const { db, env } = server.freshDatabase();
    await fill(db);
    // The build waits for the other deploy to come: a process may take longer to start than the build to end.
    const deploy = await hangInIndexBuild(server, db, () => startDeploy(project, env));
    const waiting = startDeploy(project, env);
    await waiting.says('waiting');
    await letGo(server);
    await expectBuild(db);
    await stepDown(server);
    // The one that waits takes the lease as soon as the other gives it up.
    expect(await waiting.ended).toMatchObject({ exitCode: 0 });
    await expectUnharmed(failovers, db, deploy);
  });

  testStepsOverFailovers(failovers);

  it('a set without a primary for longer than the lease ends it with 3, and the next deploy with 0', async () => {
    const { project } = failovers;
    const { db, env } = server.freshDatabase();
    await fill(db, 40_000);
    const deploy = startDeploy(project, { ...env, SCHEMA_LEASE_SECONDS: '10' });
    await expectBuild(db);
    const primary = await primaryOf(server);
    const others = server.server.members.filter(({ port }) => port !== primary);
    // They must not become primary for longer than the lease lasts.
    for (const { port } of others) await onMember(port, (admin) => admin.command({ replSetFreeze: 20 }));
    const command = { replSetStepDown: 20, secondaryCatchUpPeriodSecs: 1, force: true };
    await onMember(primary, (admin) => admin.command(command));
    expect(await deploy.ended).toMatchObject({ exitCode: 3 });
    // The set may still be without a primary, since a lease that is lost ends a run at once.
    expect(await startDeploy(project, env, ['--json', '--wait', '60']).ended).toMatchObject({ exitCode: 0 });
    await expectApplied(db, project);
    expect((await readEvents(db)).map(({ type }) => type)).toContain('interrupted');
  });

  it('a primary that is killed and never comes back does not end the deploy', async () => {
    const { project } = failovers;
    const { db, env } = server.freshDatabase();
    await fill(db);
    const deploy = startDeploy(project, env);
    await expectBuild(db);
    const primary = await primaryOf(server);
    await server.server.members.find(({ port }) => port === primary)?.kill();
    await expectUnharmed(failovers, db, deploy);
  });

  it('nor does the member that is gone keep the next deploy from building indexes', async () => {
    const { project } = failovers;
    const { db, env } = server.freshDatabase();
    await fill(db, 1_000);
    expect(await startDeploy(project, env).ended).toMatchObject({ exitCode: 0 });
    await expectApplied(db, project);
  });
});
