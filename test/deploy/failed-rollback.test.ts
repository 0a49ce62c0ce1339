import { describe, expect, it } from 'vitest';
import { accept, pendingMigrations, planRollback, status } from '../../src/deploy';
import { code, emails, projects, rejection, useSmallHistory, users } from './small-history';

const history = useSmallHistory();
const namesOf = (items: readonly { readonly name: string }[]) => items.map(({ name }) => name);
const failing = '20260104000000-failing.ts';
const mended = '// It may be mended.\n';

/** An index, and then a step that ends the attempt halfway. */
const halfway = (undo = "'nothing to undo'") =>
  `${code.index('users', 'name')}, run('a step that fails', { isDone: async (db) => (await db.collection('mended').findOne({})) !== null, run: () => Promise.reject(new TypeError('it fails')), undo: ${undo}, writes: [] })`;

const indexes = async () => (await history.db.collection('users').indexes()).map(({ name }) => name);
const statusOf = async (name: string) => (await status(history.target)).migrations.find((one) => one.name === name);

async function failHalfway(undo?: string): Promise<void> {
  await history.write(failing, halfway(undo));
  await rejection(history.deploy());
  expect(await history.recorded()).toEqual([users, emails, projects]);
  expect(await indexes()).toContain('name_1');
}

describe('A migration that failed halfway', () => {
  it('is the first step of a rollback, which leaves nothing of it', async () => {
    await failHalfway();
    expect(await statusOf(failing)).toMatchObject({
      state: 'failed',
      isRecorded: false,
      unfinished: { type: 'started' },
    });
    expect(await planRollback({ ...history.target, steps: 1 })).toMatchObject({
      toRollBack: [{ name: failing, isUnfinished: true, obstacles: [] }],
      applied: [users, emails, projects],
    });
    const { rolledBack, applied } = await history.rollback({ steps: 1 });
    expect(namesOf(rolledBack)).toEqual([failing]);
    expect(applied).toEqual([users, emails, projects]);
    expect(await indexes()).toEqual(['_id_', 'email_1']);
    expect(await statusOf(failing)).not.toHaveProperty('unfinished');
    // The next step is the last one that is applied.
    expect(namesOf((await history.rollback({ steps: 1 })).rolledBack)).toEqual([projects]);
  });

  it('is undone before those that --to leaves behind', async () => {
    await failHalfway();
    expect(namesOf((await history.rollback({ to: emails })).rolledBack)).toEqual([failing, projects]);
    await history.db.collection('mended').insertOne({});
    expect(namesOf((await history.deploy()).applied)).toEqual([projects, failing]);
  });

  it('counts when a run died, too, and after a second attempt that did nothing', async () => {
    await failHalfway();
    const events = history.db.collection('schema_history');
    await events.deleteOne({ type: 'failed', migration: failing });
    expect(await statusOf(failing)).toMatchObject({ unfinished: { type: 'started' } });
    await history.db.collection('users').dropIndex('name_1');
    await history.db.collection('users').createIndex({ name: 1 }, { sparse: true, name: 'name_1' }, {});
    expect(await rejection(history.deploy())).toMatchObject({ code: 'CONFLICT' });
    expect(namesOf((await planRollback({ ...history.target, steps: 1 })).toRollBack)).toEqual([failing]);
  });

  it('is no step when it failed before its first write', async () => {
    await history.write(failing, code.index('users', 'email', "name: 'email_1'"));
    expect(await rejection(history.deploy({ lookLimit: 1 }))).toMatchObject({ code: 'CONFLICT' });
    expect((await status(history.target)).migrations.some(({ unfinished }) => unfinished)).toBe(false);
  });

  it('says that it is to be deployed again when it cannot be undone', async () => {
    await failHalfway("{ irreversible: 'the counters moved on' }");
    const before = await history.contents();
    const error = await rejection(history.rollback({ steps: 2 }));
    expect(error).toMatchObject({
      code: 'IRREVERSIBLE',
      summary: `${failing} failed halfway, and cannot be undone, so nothing was changed`,
      why: ['the counters moved on'],
      fix: expect.stringContaining('run `deploy` again') as string,
    });
    expect(await history.contents()).toEqual(before);
    expect(await planRollback({ ...history.target, steps: 1 })).toMatchObject({
      toRollBack: [{ name: failing, obstacles: ['the counters moved on'] }],
    });
  });

  it('is not undone by another text than the one that failed', async () => {
    await failHalfway();
    await history.write(failing, code.index('users', 'age'), mended);
    const before = await history.contents();
    expect(await rejection(history.rollback({ steps: 1 }))).toMatchObject({
      code: 'HISTORY',
      message: expect.stringContaining('was edited after it failed halfway') as string,
    });
    expect(await history.contents()).toEqual(before);
  });

  it('stays when its rollback fails, and is finished by the next', async () => {
    await history.write(
      failing,
      `${code.index('users', 'name')}, run('a step that fails', { isDone: () => Promise.resolve(false), run: () => Promise.reject(new TypeError('it fails')), undo: async ({ db, guard }) => { await guard(); if (await db.collection('broken').findOne({})) throw new TypeError('it fails as well'); }, writes: [] })`,
    );
    await rejection(history.deploy());
    await history.db.collection('broken').insertOne({});
    await rejection(history.rollback({ steps: 1 }));
    expect(await statusOf(failing)).toMatchObject({ unfinished: { type: 'started', direction: 'up' } });
    await history.db.collection('broken').drop();
    expect(namesOf((await history.rollback({ steps: 1 })).rolledBack)).toEqual([failing]);
    expect(await indexes()).not.toContain('name_1');
  });
});

describe('A migration that failed halfway, and whose file is gone,', () => {
  const gone = async () => {
    await failHalfway();
    await history.remove(failing);
  };

  it('stays in the status, and stops deploys and rollbacks with the fix', async () => {
    await gone();
    expect(await statusOf(failing)).toMatchObject({ state: 'missing', isRecorded: false });
    expect(await status(history.target)).toMatchObject({ broken: 1, pending: 0 });
    const verbs = [
      () => history.deploy(),
      () => pendingMigrations(history.target),
      () => history.rollback({ steps: 1 }),
      () => planRollback({ ...history.target, steps: 1 }),
    ];
    for (const verb of verbs) {
      const { code: reason, message } = await rejection(verb());
      expect(reason).toBe('HISTORY');
      expect(message).toContain(`${failing} is missing: an attempt to apply it did not finish`);
      expect(message).toContain(`accept --migration ${failing}`);
    }
  });

  it('is gone once it is accepted', async () => {
    await gone();
    await accept({ ...history.target, migration: failing, reason: 'dropped the index by hand' });
    expect(await statusOf(failing)).toBeUndefined();
    expect(await history.deploy()).toMatchObject({ applied: [] });
    expect(namesOf((await history.rollback({ steps: 1 })).rolledBack)).toEqual([projects]);
  });

  it('is rolled back once its file is back, and then forgotten', async () => {
    await gone();
    await history.write(failing, halfway());
    expect(namesOf((await history.rollback({ steps: 1 })).rolledBack)).toEqual([failing]);
    await history.remove(failing);
    expect(await statusOf(failing)).toBeUndefined();
    expect(await status(history.target)).toMatchObject({ broken: 0, pending: 0 });
  });
});
