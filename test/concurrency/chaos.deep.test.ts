import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';
import type { Db } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { backup, restore, resumeRestore, undoRestore } from '../../src/backup';
import { accept, baseline, deploy, rollback, unlock, type DeployOptions } from '../../src/deploy';
import { readUnfinished } from '../../src/history';
import { fold } from '../../src/schema';
import { isSchemaError } from '../../src/support/schema-error';
import { temporaryFolder } from '../backup/support';
import { withDatabase } from '../support/database';
import { liveSchema } from '../support/migrations';
import { startProxy, type Treatment } from '../support/proxy';
import { indexOn, makeSmallProject, type SmallProject } from '../support/small-project';

/** How long people and pipelines go on at least, in milliseconds, and how many at once. */
const duration = 30_000;
/** How long at most, until some of each kind came to a good end: on a busy machine that takes longer. */
const longest = 240_000;
const actors = 3;
/** How long one of them may take at most, in milliseconds: every run ends. */
const patience = 120_000;

/** A sequence of numbers from 0 to 1, the same for the same seed. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

let project: SmallProject;
beforeAll(async () => {
  project = await makeSmallProject({
    collections: `createCollections('users', 'projects', 'plans')`,
    emails: `createIndexes('users', [${indexOn('email', 'unique: true')}, ${indexOn('seen')}])`,
    plans: `insertDocuments('plans', [{ _id: 'free' }, { _id: 'pro' }])`,
    users: `addValidator('users', { $jsonSchema: { required: ['email'] } })`,
    view: `createView('addresses', { on: 'users', pipeline: [{ $project: { email: 1 } }] })`,
    projects: `createIndexes('projects', [${indexOn('name')}])`,
  });
});
afterAll(() => project.remove());

describe('Deploys, rollbacks, restores and all the others at once, over a connection that delays, cuts and swallows,', () => {
  it.each([1, 2])('always settle to what the migrations lead to (seed %i)', { timeout: 600_000 }, async (seed) => {
    const folder = await temporaryFolder();
    await withDatabase(({ db, url }) => tryChaos(randomFrom(seed), db, url, folder));
  });
});

/** Lets everything meet, and lets it settle. */
async function tryChaos(random: () => number, db: Db, url: string, folder: string): Promise<void> {
  const target = { database: db.databaseName, folder: project.folder, leaseSeconds: 3, lockTimeout: 5_000 };
  await deploy({ ...target, url });
  const { file } = await backup({ ...target, url, folder });

  const meddle = (maySwallow: boolean) => async (): Promise<Treatment | undefined> => {
    const chance = random();
    if (chance < 0.1) await sleep(random() * 300);
    if (chance > 0.998 && maySwallow) return { swallow: random() < 0.5 ? 'reply' : 'command' };
    if (chance > 0.985) return { cut: random() < 0.5 ? 'reply' : 'before' };
    return undefined;
  };
  const proxy = await startProxy(url, meddle(true));
  // mongorestore waits for ever for a reply that does not come.
  const proxyOfTools = await startProxy(url, meddle(false));
  const through = { ...target, url: proxy.url };
  const name = () => project.names[Math.floor(random() * project.names.length)] ?? '';
  const actions: readonly (readonly [name: string, act: () => Promise<unknown>])[] = [
    ['deploy', () => deploy(through)],
    ['deploy', () => deploy({ ...through, resume: true })],
    ['deploy', () => deploy({ ...through, to: name() })],
    ['rollback', () => rollback({ ...through, steps: 1 })],
    ['rollback', () => rollback({ ...through, steps: 2, allowDataLoss: project.names })],
    ['unlock', () => unlock({ ...through, force: true })],
    ['accept', () => accept({ ...through, migration: name(), reason: 'a test' })],
    ['baseline', () => baseline(through)],
    [
      'restore',
      () =>
        restore({
          ...through,
          url: proxyOfTools.url,
          migrations: project.folder,
          file,
          folder,
          drop: true,
          confirm: () => Promise.resolve(true),
        }),
    ],
    ['restore --resume', () => resumeRestore({ ...through, migrations: project.folder })],
    ['restore --undo', () => undoRestore({ ...through, migrations: project.folder })],
  ];

  const outcomes = new Map<string, number>();
  const start = performance.now();
  const isShown = () => ['deploy', 'rollback', 'restore'].every((what) => outcomes.has(`${what}: done`));
  const actor = async () => {
    for (;;) {
      const elapsed = performance.now() - start;
      if (elapsed > (isShown() ? duration : longest)) return;
      const [what, act] = actions[Math.floor(random() * actions.length)] ?? expect.fail('no action');
      const outcome = `${what}: ${await outcomeOf(what, act)}`;
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: actors }, actor));
  await Promise.all([proxy.close(), proxyOfTools.close()]);

  await settle(db, { ...target, url, lockTimeout: 60_000 }, random() < 0.5 ? resumeRestore : undoRestore);
  expect(await liveSchema(db, project.migrations)).toEqual(fold(project.migrations.flatMap(({ changes }) => changes)));
  const tried = [...outcomes].sort().map(([outcome, times]) => `${outcome} × ${times}`);
  console.log(tried.join(', '));
  // Some of each kind came to a good end, or the test would show nothing.
  expect(isShown(), tried.join(', ')).toBe(true);
}

/** `done`, or the code that it was refused with. It fails for an error that is not explained, and for what does not end. */
async function outcomeOf(what: string, act: () => Promise<unknown>): Promise<string> {
  const late = new AbortController();
  const outcome = await Promise.race([
    act().then(
      () => 'done',
      (error: unknown) =>
        isSchemaError(error) && error.code !== 'FAILED' ? error.code : expect.fail(`${what} threw ${inspect(error)}`),
    ),
    sleep(patience, 'late', { signal: late.signal }).catch(() => 'late'),
  ]);
  late.abort();
  if (outcome === 'late') expect.fail(`${what} did not end within ${patience / 1000} s`);
  return outcome;
}

/** What a person would do once the network is well again. */
async function settle(
  db: Db,
  target: Pick<DeployOptions, 'url' | 'database' | 'folder' | 'leaseSeconds' | 'lockTimeout'>,
  endRestore: typeof resumeRestore,
): Promise<void> {
  if (await readUnfinished(db)) await endRestore({ ...target, migrations: project.folder });
  await deploy({ ...target, resume: true, adopt: true });
}
