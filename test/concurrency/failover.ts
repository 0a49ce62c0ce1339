import { setTimeout as sleep } from 'node:timers/promises';
import { MongoClient, type Db } from 'mongodb';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { useOwnServer, type OwnServer } from '../support/own-server';
import { startDeploy, startDeployHere, type RunningCommand } from '../support/running-command';
import { makeSmallProject, type SmallProject } from '../support/small-project';
import { eventsOf, expectApplied } from './expectations';
import { hangInIndexBuild, hanging, prepareUsers } from './hanging-build';

/** What tests of failovers work with: a replica set of three, and a project that builds indexes for long. */
export interface Failovers {
  readonly server: OwnServer;
  readonly project: SmallProject;
}

/** To be called in a file; what it gives can be used inside hooks and tests. */
export function useFailovers(): Failovers {
  const server = useOwnServer(3);
  let project: SmallProject | undefined;
  beforeAll(async () => {
    const text = `{ name: 'bio_text', key: { bio: 'text' }, serves: 'a test' }`;
    const pair = `{ name: 'age_1_email_1', key: { age: 1, email: 1 }, serves: 'a test' }`;
    project = await makeSmallProject({
      users: `createCollections('users', 'projects')`,
      long: `createIndexes('users', [${text}, ${pair}])`,
      rules: `addValidator('users', { $jsonSchema: { bsonType: 'object' } })`,
    });
  });
  afterAll(() => project?.remove());
  return {
    server,
    get project() {
      return project ?? expect.fail('the project is there only inside hooks and tests');
    },
  };
}

/** To be called in a `describe`. */
export function testStepDown(failovers: Failovers): void {
  it('a primary that steps down ends neither the deploy that builds an index nor one that waits', async () => {
    const { server, project } = failovers;
    const { db, env } = server.freshDatabase();
    await prepareUsers(server, db, project);
    const deploy = await hangInIndexBuild(server, db, () => startDeploy(project, env));
    const waiting = startDeployHere(project, env);
    await waiting.says('waiting');
    const formerPrimary = await primaryOf(server);
    await stepDown(server);
    await elect(server, formerPrimary);
    // The build has hung on this member alone.
    await onMember(formerPrimary, (admin) => admin.command({ configureFailPoint: hanging, mode: 'off' }));
    // The one that waits takes the lease as soon as the other gives it up.
    expect(await waiting.ended).toMatchObject({ exitCode: 0 });
    await expectUnharmed(failovers, db, deploy);
  });
}

/** To be called in a `describe`. */
export function testStepsOverFailovers({ server }: Failovers): void {
  it(
    'data steps of every kind, in two deploys at once, come to each document exactly once, though primaries step down',
    { timeout: 300_000 },
    async () => {
      const { db, env } = server.freshDatabase();
      const update = `update: [{ $set: { traced: { $add: [{ $ifNull: ['$traced', 0] }, 1] } } }]`;
      const batches = `batchSize: 50, pause: 60`;
      const steps = await makeSmallProject({
        posts: `createCollections('posts', 'removed_posts')`,
        traced: `backfill('posts', { filter: { traced: { $exists: false } }, ${update}, ${batches} })`,
        once: `backfill('posts', { filter: {}, update: { $inc: { once: 1 } }, once: true, ${batches}, undo: irreversible('a test') })`,
        renamed: `renameField('posts', 'lang', 'language', { undeclared: true, ${batches} })`,
        dropped: `dropField('posts', 'draft', { reason: 'a test', undeclared: true, ${batches} })`,
        unique: `removeDuplicates('posts', { key: ['slug'], keep: { newest: 'at' }, reason: 'a test', undeclared: true, batchSize: 5 })`,
      });
      const documents = 2_000;
      const slugOf = (at: number) => Math.floor(at / 2);
      const posts = db.collection<{ _id: number }>('posts');
      await posts.insertMany(
        Array.from({ length: documents }, (_, at) => ({ _id: at, at, lang: 'en', draft: true, slug: slugOf(at) })),
      );
      const losing = steps.names.slice(-2).flatMap((name) => ['--allow-data-loss', name]);
      const args = ['--json', '--adopt', '--lock-timeout', '250', ...losing];
      const deploys = [startDeployHere(steps, env, args), startDeployHere(steps, env, args)];
      let hasEnded = false as boolean;
      const ended = Promise.all(deploys.map((one) => one.ended)).finally(() => {
        hasEnded = true;
      });
      let stepDowns = 0;
      while (!hasEnded && stepDowns < 12) {
        // The primary steps down when another member takes its place, and can be elected again at once.
        await elect(server, await primaryOf(server));
        stepDowns++;
        await sleep(1_000);
      }
      for (const { exitCode, stdout, stderr } of await ended) expect(exitCode, stdout + stderr).toBe(0);
      expect(stepDowns).toBeGreaterThanOrEqual(5);
      const treated = (at: number) => ({ _id: at, at, slug: slugOf(at), traced: 1, once: 1, language: 'en' });
      const every = Array.from({ length: documents }, (_, at) => treated(at));
      expect(await posts.find().sort({ _id: 1 }).toArray()).toEqual(every.filter(({ at }) => at % 2 === 1));
      const removed = await db.collection('removed_posts').find().sort({ _id: 1 }).toArray();
      expect(removed).toEqual(every.filter(({ at }) => at % 2 === 0));
      await steps.remove();
    },
  );
}

/** The port of the member that is primary now. */
export async function primaryOf(server: OwnServer): Promise<number> {
  const hello = await server.client.db('admin').command({ hello: 1 });
  return Number(String(hello['primary']).split(':')[1]);
}

/** By a connection to one member alone. */
export async function onMember<T>(port: number, work: (admin: Db) => Promise<T>): Promise<T> {
  const direct = new MongoClient(`mongodb://127.0.0.1:${port}/?directConnection=true`);
  try {
    return await work(direct.db('admin'));
  } finally {
    await direct.close();
  }
}

export async function stepDown(server: OwnServer): Promise<void> {
  const command = { replSetStepDown: 30, secondaryCatchUpPeriodSecs: 10, force: true };
  await onMember(await primaryOf(server), (admin) => admin.command(command));
}

/** Makes another member primary at once: by itself, a set takes the ten seconds of an election timeout. */
async function elect(server: OwnServer, formerPrimary: number): Promise<void> {
  const other = server.server.members.find(({ port }) => port !== formerPrimary)?.port ?? formerPrimary;
  const stepUp = () =>
    onMember(other, (admin) => admin.command({ replSetStepUp: 1 })).then(
      () => true,
      (error: unknown) => error,
    );
  await expect.poll(stepUp, { timeout: 30_000, interval: 50 }).toBe(true);
}

/** The deploy saw the failover, ended 0 by itself, and did each thing once. */
export async function expectUnharmed({ project }: Failovers, db: Db, deploy: RunningCommand): Promise<void> {
  const { exitCode, stderr } = await deploy.ended;
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
  expect(stderr).toContain('trying again');
  await expectApplied(db, project);
  expect((await eventsOf(db, deploy.pid)).map(({ type }) => type)).toEqual([
    ...['started', 'finished'],
    ...['started', 'finished'],
  ]);
}
