import { describe, expect, it, onTestFinished } from 'vitest';
import { baseline, deploy, redo, status } from '../../src/deploy';
import { drift, plan } from '../../src/review';
import { describeMigration } from '../../src/cli/plan-text';
import { closedGate } from '../support/gate';
import { letLeaseRunOut } from '../support/lease';
import { startProxy } from '../support/proxy';
import { code, emails, projects, rejection, useSmallHistory, users } from './small-history';

const history = useSmallHistory();
const renamed = '20260104000000-renamed.ts';
const later = '20260105000000-later.ts';
const keepOld = `createView('users', { on: 'people', pipeline: [] })`;
const people = () => history.db.collection<{ _id: number; email: string }>('people');
const driftNow = async () => (await drift(history.target)).findings;

/** Three documents in `users`, and a migration that renames it. */
async function prepare(steps = `renameCollection('users', 'people')`): Promise<void> {
  await history.deploy();
  await history.db.collection('users').insertMany([1, 2, 3].map((id) => ({ _id: id as never, email: String(id) })));
  await history.write(renamed, steps);
}

describe('A deploy that renames a collection', () => {
  it('says before it what goes along, and who reads the old name; leaves no drift; and goes back', async () => {
    await prepare(`renameCollection('users', 'people'), ${keepOld}`);
    await history.db.createCollection('by_hand', { viewOn: 'users', pipeline: [] });
    const { pending, schemaChanges } = await plan(history.target);
    expect(schemaChanges.map(({ kind }) => kind)).toEqual(['collection.name', 'view']);
    const [shown] = pending.map((one) => describeMigration(one));
    expect(shown?.map((line) => line.replace(/, \d+ ms$/, ''))).toEqual([
      renamed,
      '  pending  rename collection users to people',
      '    note: collection users: 3 documents and 1 index move to the new name',
      '    note: collection users: the view by_hand reads from users, and will show nothing after the rename',
      '  pending  create view users',
      '',
    ]);
    await history.db.dropCollection('by_hand');
    const { applied, drift: foreign } = await history.deploy();
    expect(applied.map(({ name }) => name)).toEqual([renamed]);
    expect(foreign).toEqual([]);
    expect(await driftNow()).toEqual([]);
    expect(await people().countDocuments()).toBe(3);
    expect(await history.db.collection('users').countDocuments()).toBe(3);
    await history.rollback({ steps: 1 });
    expect(await driftNow()).toEqual([]);
    expect(await history.db.collection('users').countDocuments()).toBe(3);
  });

  it('looks later at what the next migration does to it under its new name', async () => {
    await prepare();
    await history.write(later, code.index('people', 'name', 'unique: true'));
    const { pending } = await plan(history.target);
    expect(pending.flatMap(({ changes }) => changes.map(({ isCheckedLater }) => isCheckedLater))).toEqual([
      false,
      true,
    ]);
    expect((await rejection(history.deploy())).message).toContain('index people.name_1: 1 value of name occurs');
    expect(await history.recorded()).toEqual([users, emails, projects, renamed]);
  });

  it.each(['cut', 'swallow'] as const)('is done once, though the reply is lost: %s', async (how) => {
    await prepare(`renameCollection('users', 'people'), ${keepOld}`);
    let lost = 0;
    const proxy = await startProxy(history.url, ({ name }) => {
      if (name !== 'renameCollection' || lost > 0) return undefined;
      lost++;
      return { [how]: 'reply' };
    });
    onTestFinished(() => proxy.close());
    await deploy({ ...history.target, url: proxy.url, leaseSeconds: 3 });
    expect(lost).toBe(1);
    expect(await driftNow()).toEqual([]);
    expect(await people().countDocuments()).toBe(3);
    expect(await history.recorded()).toContain(renamed);
  });

  it('stops where an application made the old name anew meanwhile, with every document in place', async () => {
    await prepare(`renameCollection('users', 'people'), ${keepOld}`);
    const proxy = await startProxy(history.url, async ({ name, collection }) => {
      if (name === 'create' && collection === 'users') {
        await history.db.collection('users').insertOne({ _id: 4 as never, email: '4' });
      }
      return undefined;
    });
    onTestFinished(() => proxy.close());
    await rejection(deploy({ ...history.target, url: proxy.url }));
    expect(await history.recorded()).not.toContain(renamed);
    const { message } = await rejection(history.deploy());
    expect(message).toContain('both collections exist');
    await history.db
      .collection('users')
      .aggregate([{ $merge: { into: 'people', whenMatched: 'fail' } }])
      .toArray();
    await history.db.dropCollection('users');
    await history.deploy();
    expect(await people().countDocuments()).toBe(4);
    expect(await driftNow()).toEqual([]);
  });
});

describe('A rename that arrives late, from a run that lost its lease,', () => {
  it('finds nothing to rename when the next run has done it', async () => {
    await prepare();
    const [sent, gate] = [closedGate(), closedGate()];
    let isFirst = true;
    const proxy = await startProxy(history.url, async ({ name }) => {
      if (name !== 'renameCollection' || !isFirst) return undefined;
      isFirst = false;
      sent.open();
      await gate.opened;
      return undefined;
    });
    onTestFinished(() => proxy.close());
    onTestFinished(gate.open);
    const first = rejection(deploy({ ...history.target, url: proxy.url }));
    await sent.opened;
    await letLeaseRunOut(history.db);
    await history.deploy({ resume: true });
    await history.db.collection('users').insertOne({ _id: 9 as never });
    gate.open();
    expect(await first).toMatchObject({ code: 'LOCKED' });
    // What an application has made under the old name meanwhile is another collection.
    expect(await people().countDocuments()).toBe(3);
    expect(await history.db.collection('users').countDocuments()).toBe(1);
  });
});

describe('A migration that renamed a collection', () => {
  it('is undone as it was applied, though its text is another one by now', async () => {
    await prepare(`renameCollection('users', 'people'), ${keepOld}`);
    await history.deploy();
    await history.write(renamed, code.collection('elsewhere'));
    await redo({ ...history.target, migration: renamed, merged: [] });
    expect(await history.db.collection('users').countDocuments()).toBe(3);
    expect(await driftNow()).toEqual([]);
  });

  it('counts for a database that was made by hand under the new name', async () => {
    await history.write(renamed, `renameCollection('users', 'people')`);
    await history.db.createCollection('people');
    await history.db.createCollection('projects');
    const missing = await baseline({ ...history.target, dryRun: true });
    expect(missing.marked).toEqual([]);
    expect(missing.later).toMatchObject([{ migration: renamed, differences: [{ place: 'index people.email_1' }] }]);
    await history.db.collection('people').createIndex({ email: 1 }, { unique: true }, {});
    expect((await baseline(history.target)).marked).toEqual([users, emails, projects, renamed]);
    expect(await driftNow()).toEqual([]);
    expect((await status(history.target)).migrations.map(({ state }) => state)).toEqual(Array(4).fill('applied'));
  });
});
