import { describe, expect, it } from 'vitest';
import { accept, status } from '../../src/deploy';
import { code, emails, projects, rejection, useSmallHistory, users } from './small-history';

const history = useSmallHistory();
const late = '20260101120000-late.ts';
const namesOf = (items: readonly { readonly name: string }[]) => items.map(({ name }) => name);
const product = async () =>
  (await history.db.listCollections({ name: { $in: ['users', 'projects'] } }).toArray()).map(({ name }) => name).sort();

describe('rollback', () => {
  it('undoes the last ones with --steps, the last applied first', async () => {
    await history.deploy();
    const { rolledBack, applied } = await history.rollback({ steps: 2 });
    expect(rolledBack).toEqual([
      expect.objectContaining({
        name: projects,
        direction: 'down',
        changes: [{ at: ['projects', 'options'], outcome: 'done' }],
      }),
      expect.objectContaining({ name: emails, direction: 'down' }),
    ]);
    expect(applied).toEqual([users]);
    expect(await history.recorded()).toEqual([users]);
    expect(await product()).toEqual(['users']);
    expect((await history.told()).slice(-2)).toEqual([`started down ${emails}`, `finished down ${emails}`]);
  });

  it('goes back to the one that --to names, which stays', async () => {
    await history.deploy();
    expect(namesOf((await history.rollback({ to: 'users' })).rolledBack)).toEqual([projects, emails]);
    expect((await history.rollback({ to: users })).rolledBack).toEqual([]);
    expect(await history.recorded()).toEqual([users]);
  });

  it('undoes all that there is when it is told to undo more', async () => {
    await history.deploy();
    expect((await history.rollback({ steps: 99 })).applied).toEqual([]);
    expect(await product()).toEqual([]);
    expect(await history.deploy()).toMatchObject({ left: [] });
    expect(await history.recorded()).toEqual([users, emails, projects]);
  });

  it.each([
    ['nothing', {}],
    ['both', { to: 'users', steps: 1 }],
    ['no whole number', { steps: 1.5 }],
    ['a number below 1', { steps: 0 }],
    ['a migration that is not applied', { to: 'projects' }],
    ['a data loss for a name that is none', { steps: 1, allowDataLoss: ['elephants'] }],
  ])('refuses to be told %s, and changes nothing', async (_title, options) => {
    await history.deploy({ to: emails });
    const before = await history.contents();
    expect((await rejection(history.rollback(options))).code).toBe('USAGE');
    expect(await history.contents()).toEqual(before);
  });

  it('goes by the order in which they were applied, not by their names', async () => {
    await history.deploy();
    await history.write(late, code.index('users', 'name'));
    await accept({ ...history.target, migration: late, reason: 'a merge came late' });
    await history.deploy();
    expect(namesOf((await history.rollback({ steps: 2 })).rolledBack)).toEqual([late, projects]);
    expect(await history.recorded()).toEqual([users, emails]);
    expect(namesOf((await history.rollback({ to: users })).rolledBack)).toEqual([emails]);
  });
});

describe('Documents that a rollback would lose', () => {
  const fill = async () => {
    await history.deploy();
    await history.db.collection('projects').insertMany([{ name: 'a secret plan' }, {}]);
  };

  it('are kept, and counted; nothing is rolled back, and the history stays whole', async () => {
    await fill();
    const error = await rejection(history.rollback({ steps: 2 }));
    expect(error).toMatchObject({ code: 'DATA_LOSS', left: [projects, emails] });
    expect(error.message).toContain('the collection projects holds 2 documents');
    expect(error.message).toContain(`\`rollback --allow-data-loss ${projects}\``);
    expect(await history.recorded()).toEqual([users, emails, projects]);
    expect(await history.db.collection('projects').countDocuments()).toBe(2);
    // A down that was refused is no down: the next deploy goes on.
    expect(await status(history.target)).toMatchObject({ broken: 0, pending: 0 });
    expect(await history.deploy({ strict: true })).toMatchObject({ applied: [] });
  });

  it('are lost when that is said by the name of the migration', async () => {
    await fill();
    expect((await rejection(history.rollback({ steps: 1, allowDataLoss: [users] }))).code).toBe('DATA_LOSS');
    expect(namesOf((await history.rollback({ steps: 1, allowDataLoss: ['projects'] })).rolledBack)).toEqual([projects]);
    expect(await product()).toEqual(['users']);
  });

  it('do not hold back what is rolled back before them', async () => {
    await history.deploy();
    await history.db.collection('users').insertOne({});
    const error = await rejection(history.rollback({ steps: 3 }));
    expect(error).toMatchObject({ code: 'DATA_LOSS', left: [users] });
    expect(await history.recorded()).toEqual([users]);
    expect(namesOf((await history.deploy()).applied)).toEqual([emails, projects]);
  });
});

describe('A migration that cannot be rolled back as it was applied', () => {
  it.each([
    ['edited', () => history.write(projects, code.collection('projects'), '// A word more.\n')],
    ['missing', () => history.remove(projects)],
    ['unknown', () => history.db.collection('schema_history').deleteMany({ migration: projects })],
  ])('because it is %s is refused before anything is written', async (state, damage) => {
    await history.deploy();
    await damage();
    const before = await history.contents();
    const { code: reason, message } = await rejection(history.rollback({ to: users }));
    expect(reason).toBe('HISTORY');
    expect(message).toContain(`${projects} is ${state}`);
    expect(await history.contents()).toEqual(before);
  });

  it("is in nobody's way who rolls back others", async () => {
    await history.deploy();
    await history.write(users, code.collection('users'), '// A word more.\n');
    expect((await history.rollback({ to: users })).applied).toEqual([users]);
  });

  it('because its file is gone is refused also when that was accepted', async () => {
    await history.deploy();
    await history.remove(projects);
    await accept({ ...history.target, migration: projects, reason: 'it is on a tape' });
    const before = await history.contents();
    const { code: reason, message } = await rejection(history.rollback({ steps: 2 }));
    expect(reason).toBe('HISTORY');
    expect(message).toContain(`The file of ${projects} is missing`);
    expect(await history.contents()).toEqual(before);
  });
});
