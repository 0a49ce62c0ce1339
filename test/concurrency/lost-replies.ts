import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { deploy, type RunEvent } from '../../src/deploy';
import { readLease } from '../../src/history';
import { withDatabase } from '../support/database';
import { indexOn, makeSmallProject, type SmallProject } from '../support/small-project';
import { expectApplied } from './expectations';
import { meeting } from './meeting';

type Lost = 'command' | 'reply';

/** Shorter than the command line allows. */
const leaseSeconds = 3;

/** To be called in a file, with the commands to the product's collections of which one is lost, and what of it. */
export function testLostReplies(commands: readonly (readonly [kind: string, lost: Lost])[]): void {
  const { url } = inject('mongodb');
  let project: SmallProject;
  beforeAll(async () => {
    project = await makeSmallProject({
      collections: `createCollections('users', 'projects', 'plans', 'old')`,
      emails: `createIndexes('users', [${indexOn('email')}, ${indexOn('age')}])`,
      names: `backfill('users', { filter: { name: null }, update: { $set: { name: 'Ann' } }, batchSize: 2 })`,
      validator: `addValidator('users', { $jsonSchema: { required: ['email'] } })`,
      plans: `insertDocuments('plans', [{ _id: 'free' }, { _id: 'pro' }])`,
      view: `createView('addresses', { on: 'users', pipeline: [{ $project: { email: 1 } }] })`,
      ages: `dropIndexes('users', [${indexOn('age')}])`,
      old: `dropCollection('old', { reason: 'a test', was: [createCollections('old')] })`,
      own: `run('a test', {
        run: async ({ db }) => { await db.collection('projects').findOneAndUpdate({ _id: 1 }, { $set: { done: true } }, { upsert: true }); },
        isDone: async (db) => (await db.collection('projects').findOne({ done: true })) !== null,
        undo: { irreversible: 'a test' },
        writes: ['projects'],
      })`,
    });
  });
  afterAll(() => project.remove());

  it.concurrent(
    'A command that takes longer than a lease is not given up while the server is at work on it',
    async () => {
      const slow = await makeSmallProject({
        users: `createCollections('users')`,
        slowly: `run('a test', {
        run: async ({ db }) => {
          await db.collection('users').insertOne({ _id: 1 });
          await db.collection('users').updateMany({ $where: 'sleep(${2 * leaseSeconds}000) || true' }, { $set: { done: true } });
        },
        isDone: async (db) => (await db.collection('users').findOne({ done: true })) !== null,
        undo: 'nothing to undo',
      })`,
      });
      await withDatabase(async ({ db, name: database }) => {
        const events: RunEvent[] = [];
        await deploy({ url, database, folder: slow.folder, leaseSeconds, onEvent: (event) => events.push(event) });
        expect(events.map(({ type }) => type)).toEqual(['migration', 'migration']);
        await expectApplied(db, slow);
      }).finally(() => slow.remove());
    },
  );

  describe.concurrent('A command to a collection of the product that is never answered', () => {
    it.each(commands)('is given up, and the run ends well: %s, its %s is lost', { timeout: 60_000 }, (kind, lost) =>
      withDatabase(async ({ db, name: database }) => {
        await db.collection('users').insertMany([1, 2, 3].map((number) => ({ email: `${number}@example.com` })));
        const events: RunEvent[] = [];
        const onEvent = (event: RunEvent) => events.push(event);
        const options = { database, folder: project.folder, adopt: true, leaseSeconds, onEvent };
        const started = performance.now();
        const met = await meeting(url, kind, { swallow: lost }, (through) => deploy({ ...options, url: through }));
        expect(met).toBe(true);
        expect(performance.now() - started).toBeLessThan(30_000);
        const told = events.flatMap((event) => (event.type === 'warning' ? [event.message] : []));
        expect(told.join()).toContain(`the server does not answer ${kind.replace(' ', ' of ')}`);
        await expectApplied(db, project);
        expect(await db.collection('users').countDocuments({ name: 'Ann' })).toBe(3);
        expect(await db.collection('plans').countDocuments()).toBe(2);
        const writes = !/^(?:find |list|aggregate )/.test(kind);
        expect((await readLease(db))?.unsettled ?? false).toBe(writes);
        await deploy({ ...options, url });
        expect((await readLease(db))?.unsettled ?? false).toBe(false);
      }),
    );
  });
}
