import { MongoClient, type Db } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readEvents } from '../../src/history';
import { useOwnServer } from '../support/own-server';
import { startDeploy, type RunningCommand } from '../support/running-command';
import { makeSmallProject, type SmallProject } from '../support/small-project';
import { eventsOf, expectApplied } from './expectations';
import { hangInIndexBuild, letGo, prepareUsers } from './hanging-build';

const server = useOwnServer(3);
let project: SmallProject;
beforeAll(async () => {
  const text = `{ name: 'bio_text', key: { bio: 'text' }, serves: 'a test' }`;
  const pair = `{ name: 'age_1_email_1', key: { age: 1, email: 1 }, serves: 'a test' }`;
  project = await makeSmallProject({
    users: `createCollections('users', 'projects')`,
    long: `createIndexes('users', [${text}, ${pair}])`,
    rules: `addValidator('users', { $jsonSchema: { bsonType: 'object' } })`,
  });
});
afterAll(() => project.copy.remove());

/** Puts documents in the way of an index build, so that it takes seconds. */
async function fill(db: Db, documents = 100_000): Promise<void> {
  await prepareUsers(server, db, project);
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

/** The member that is primary now, by a connection to it alone. */
async function onPrimary<T>(work: (admin: Db, port: number) => Promise<T>): Promise<T> {
  const hello = await server.client.db('admin').command({ hello: 1 });
  const port = Number(String(hello['primary']).split(':')[1]);
  const direct = new MongoClient(`mongodb://127.0.0.1:${port}/?directConnection=true`);
  try {
    return await work(direct.db('admin'), port);
  } finally {
    await direct.close();
  }
}

const stepDown = () =>
  onPrimary((admin) => admin.command({ replSetStepDown: 30, secondaryCatchUpPeriodSecs: 10, force: true }));

/** The deploy saw the failover, ended 0 by itself, and did each thing once. */
async function expectUnharmed(db: Db, deploy: RunningCommand): Promise<void> {
  const { exitCode, stderr } = await deploy.ended;
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
  expect(stderr).toContain('trying again');
  await expectApplied(db, project);
  expect((await eventsOf(db, deploy.pid)).map(({ type }) => type)).toEqual([
    ...['started', 'finished'],
    ...['started', 'finished'],
  ]);
}

/** The tests of this block share one replica set: each begins with what the one before it left of that. */
describe('In the middle of a long index build', () => {
  it('a primary that steps down does not end the deploy: it joins the build that goes on; nor one that waits', async () => {
    const { db, env } = server.freshDatabase();
    await fill(db);
    // The build waits for the other deploy to come: a process may take longer to start than the build to end.
    const deploy = await hangInIndexBuild(server, db, () => startDeploy(project, env));
    const waiting = startDeploy(project, env);
    await waiting.says('waiting');
    await letGo(server);
    await expectBuild(db);
    await stepDown();
    // The one that waits takes the lease as soon as the other gives it up.
    expect(await waiting.ended).toMatchObject({ exitCode: 0 });
    await expectUnharmed(db, deploy);
  });

  it('a set without a primary for longer than the lease ends it with 3, and the next deploy with 0', async () => {
    const { db, env } = server.freshDatabase();
    await fill(db, 40_000);
    const deploy = startDeploy(project, { ...env, SCHEMA_LEASE_SECONDS: '2' });
    await expectBuild(db);
    await onPrimary(async (admin, primary) => {
      for (const { port } of server.server.members) if (port !== primary) await freeze(port, 8);
      await admin.command({ replSetStepDown: 8, secondaryCatchUpPeriodSecs: 1, force: true });
    });
    expect(await deploy.ended).toMatchObject({ exitCode: 3 });
    expect(await startDeploy(project, env).ended).toMatchObject({ exitCode: 0 });
    await expectApplied(db, project);
    expect((await readEvents(db)).map(({ type }) => type)).toContain('interrupted');
  });

  it('a primary that is killed and never comes back does not end the deploy', async () => {
    const { db, env } = server.freshDatabase();
    await fill(db);
    const deploy = startDeploy(project, env);
    await expectBuild(db);
    const primary = await onPrimary((_, port) => Promise.resolve(port));
    await server.server.members.find(({ port }) => port === primary)?.kill();
    await expectUnharmed(db, deploy);
  });

  it('nor does the member that is gone keep the next deploy from building indexes', async () => {
    const { db, env } = server.freshDatabase();
    await fill(db, 1_000);
    expect(await startDeploy(project, env).ended).toMatchObject({ exitCode: 0 });
    await expectApplied(db, project);
  });
});

/** Keeps a member from becoming primary for some seconds. */
async function freeze(port: number, seconds: number): Promise<void> {
  const direct = new MongoClient(`mongodb://127.0.0.1:${port}/?directConnection=true`);
  await direct.db('admin').command({ replSetFreeze: seconds });
  await direct.close();
}
