import { describe, expect, it } from 'vitest';
import type { RunEvent } from '../../src/deploy';
import { planRollback } from '../../src/deploy';
import { code, emails, projects, rejection, useSmallHistory, users } from './small-history';

const history = useSmallHistory();
const day = 86_400;
const last = '20260104000000-last.ts';
const visits = () => history.db.collection('users');
const old = () => new Date(Date.now() - 10 * day * 1000);
const seen = (seconds?: number) =>
  code.index('users', 'seen', seconds === undefined ? '' : `expireAfterSeconds: ${seconds}`);

/** Deploys the first three, fills users, and writes a fourth migration. */
async function prepare(steps: string): Promise<void> {
  await history.deploy();
  await visits().insertMany([
    ...Array.from({ length: 59 }, (_, at) => ({ email: `${at}`, seen: old(), nick: 'x' })),
    { email: 'new', seen: new Date() },
  ]);
  await history.write(last, steps);
}

describe('A deploy that would delete something', () => {
  it.each([
    ['by a new TTL', seen(day), 'index users.seen_1: 59 documents are older than the TTL'],
    [
      'by dropField',
      "dropField('users', 'nick', { reason: 'old' })",
      'users: 59 documents would lose the value of nick',
    ],
    [
      'by $unset',
      "backfill('users', { filter: { nick: 'x' }, update: { $unset: { nick: '' } } })",
      'users: 59 documents would lose the value of nick',
    ],
    [
      'by what a run step says it deletes',
      `run('delete x', { writes: ['users'], deletes: { collection: 'users', filter: { nick: 'x' } }, undo: 'nothing to undo',
        isDone: async (db) => (await db.collection('users').findOne({ nick: 'x' })) === null,
        run: ({ db }) => db.collection('users').deleteMany({ nick: 'x' }) })`,
      'users: 59 documents would be removed',
    ],
  ])('is refused before its first write: %s', async (_title, steps, finding) => {
    await prepare(steps);
    const before = await history.contents();
    const error = await rejection(history.deploy());
    expect(error).toMatchObject({ code: 'PREFLIGHT', left: [last] });
    expect(error.message).toContain(finding);
    expect(error.message).toContain(`\`deploy --allow-data-loss ${last}\``);
    expect((await rejection(history.deploy({ allowDataLoss: [projects] }))).code).toBe('PREFLIGHT');
    expect(await history.contents()).toEqual(before);

    const events: RunEvent[] = [];
    const report = await history.deploy({ allowDataLoss: ['last'], onEvent: (event) => events.push(event) });
    expect(report.applied).toMatchObject([{ name: last }]);
    expect(report.findings).toContainEqual(expect.objectContaining({ migration: last, count: 59 }));
    const message = expect.stringContaining(finding) as string;
    const told = events.findIndex(({ type }) => type === 'warning');
    expect(events[told]).toEqual({ type: 'warning', message });
    // What is lost is told before it is.
    expect(told).toBeLessThan(events.findIndex(({ type }) => type === 'migration'));
  });

  it('tells how many documents an index build scans, which stops nothing', async () => {
    await prepare(code.index('users', 'nick'));
    const events: RunEvent[] = [];
    const { findings } = await history.deploy({ onEvent: (event) => events.push(event) });
    const message = `${last}: index users.nick_1: the build scans 60 documents`;
    expect(events[0]).toEqual({ type: 'note', message });
    expect(findings).toMatchObject([{ migration: last, kind: 'index build', count: 60 }]);
  });
});

describe('A rollback that would delete something', () => {
  it('by a TTL that becomes shorter again is refused, unless it is allowed by name', async () => {
    await history.write(emails, seen(day));
    await history.write(projects, `changeTtl('users', 'seen_1', { from: ${day}, to: ${100 * day} })`);
    await history.deploy();
    await visits().insertOne({ seen: old() });
    expect(await planRollback({ ...history.target, steps: 2 })).toMatchObject({
      toRollBack: [
        { name: projects, changes: [{ findings: [{ kind: 'expired documents', count: 1, blocks: true }] }] },
        { name: emails },
      ],
    });
    const error = await rejection(history.rollback({ steps: 1 }));
    expect(error).toMatchObject({ code: 'DATA_LOSS', left: [projects] });
    expect(error.message).toContain(`\`rollback --allow-data-loss ${projects}\``);
    expect(await history.recorded()).toEqual([users, emails, projects]);
    // It did nothing, so nothing is half rolled back.
    expect(await history.deploy()).toMatchObject({ applied: [] });
    await history.rollback({ steps: 1, allowDataLoss: [projects] });
    expect(await history.recorded()).toEqual([users, emails]);
  });

  it('by unsetting what the application wrote since is refused, and keeps no other from being undone', async () => {
    await history.write(
      emails,
      "backfill('users', { filter: { plan: { $exists: false } }, update: { $set: { plan: 'free' } }, undo: { filter: {}, update: { $unset: { plan: '' } } } })",
    );
    await history.deploy({ to: users });
    await visits().insertMany([{}, {}, {}]);
    await history.deploy({ to: emails });
    await visits().updateOne({}, { $set: { plan: 'paid' } });
    const error = await rejection(history.rollback({ steps: 1 }));
    expect(error.message).toContain('users: 1 document would lose the value of plan');
    await visits().updateMany({}, { $set: { plan: 'free' } });
    await history.rollback({ steps: 1 });
    expect(await visits().countDocuments({ plan: { $exists: true } })).toBe(0);
  });
});
