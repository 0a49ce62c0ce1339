import { readFile, writeFile } from 'node:fs/promises';
import { hostname, userInfo } from 'node:os';
import { describe, expect, it } from 'vitest';
import { accept, pendingMigrations, status, type DeployOptions } from '../../src/deploy';
import { code, emails, projects, rejection, useSmallHistory, users } from './small-history';

const history = useSmallHistory();
const late = '20260101120000-late.ts';
const stateOf = async (name: string) =>
  (await status(history.target)).migrations.find((migration) => migration.name === name)?.state;

/** How each kind of damage comes about, to which migration, and what is said of it. */
const damages = [
  {
    state: 'edited',
    name: emails,
    damage: () => history.write(emails, code.index('users', 'email', 'unique: true'), '// A word more.\n'),
  },
  { state: 'missing', name: projects, damage: () => history.remove(projects) },
  { state: 'late', name: late, damage: () => history.write(late, code.index('users', 'name')) },
  {
    state: 'unknown',
    name: emails,
    damage: async () => {
      await history.db.collection('schema_history').deleteMany({ migration: emails });
    },
  },
  {
    state: 'half rolled back',
    name: projects,
    damage: async () => {
      await history.rollback({ steps: 1 });
      await history.db.collection('changelog').insertOne({ fileName: projects, appliedAt: new Date() });
    },
  },
] as const;

/** Expects a refusal with code HISTORY that leaves everything as it was. */
async function refusalOf(options: Partial<DeployOptions> = {}): Promise<string> {
  const before = await history.contents();
  const { code: reason, message } = await rejection(history.deploy(options));
  expect(reason).toBe('HISTORY');
  expect(await history.contents()).toEqual(before);
  expect((await rejection(pendingMigrations({ ...history.target, ...options }))).message).toBe(message);
  return message;
}

describe.each(damages)('A migration that is $state', ({ state, name, damage }) => {
  it('is refused before anything is written, with who applied it when, and the fix', async () => {
    await history.deploy();
    await damage();
    expect(await stateOf(name)).toBe(state);
    const message = await refusalOf();
    expect(message).toContain(
      `The history is broken, so nothing was changed (HISTORY)\n  why    ${name} is ${state}: `,
    );
    if (state === 'late') expect(message).toContain('it is not applied');
    else expect(message).toMatch(/it was applied \d{4}-\d\d-\d\dT[\d:.]+Z/);
    if (state === 'edited' || state === 'missing') {
      expect(message).toContain(`Z by ${userInfo().username} on ${hostname()}`);
    }
    expect(message).toContain(
      state === 'half rolled back'
        ? `or apply ${name} again with \`deploy --resume\`\n`
        : `\`accept --migration ${name} --reason "…"\`\n`,
    );
  });
});

describe.each(damages.filter(({ state }) => state !== 'half rolled back'))(
  'Accepting a migration that is $state',
  ({ state, name, damage }) => {
    it('lets the next deploy pass, and writes an event and nothing else', async () => {
      await history.deploy();
      await damage();
      const [before, told] = [(await history.contents()) as Record<string, unknown>, await history.told()];
      expect(await accept({ ...history.target, migration: name, reason: ' it is right ' })).toEqual({
        migration: name,
        was: state,
      });
      const after = (await history.contents()) as Record<string, unknown>;
      expect({ ...after, schema_history: '' }).toEqual({ ...before, schema_history: '' });
      expect(await history.told()).toEqual([...told, `accepted ${name}`]);
      expect(await history.db.collection('schema_history').findOne({ type: 'accepted' })).toMatchObject({
        reason: 'it is right',
        user: userInfo().username,
      });

      const { applied } = await history.deploy();
      expect(applied.map((migration) => migration.name)).toEqual(state === 'late' ? [late] : []);
      expect(await stateOf(name)).toBe('applied');
      const again = await rejection(accept({ ...history.target, migration: name, reason: 'again' }));
      expect(again).toMatchObject({ code: 'USAGE', summary: `${name} is applied: there is nothing to accept` });
    });
  },
);

describe('accept', () => {
  it.each([
    ['a pending migration', users, 'a reason', `${users} is pending: there is nothing to accept (USAGE)`],
    ['no reason', users, ' ', 'Give a reason with --reason "…": the history stores it (USAGE)'],
    ['a name that is none', 'elephants', 'a reason', 'There is no migration "elephants"'],
  ])('refuses %s, and writes nothing', async (_title, migration, reason, message) => {
    const error = await rejection(accept({ ...history.target, migration, reason }));
    expect(error.code).toBe('USAGE');
    expect(error.message).toContain(message);
    expect(await history.contents()).toEqual({});
  });

  it('refuses what is half rolled back, and names what finishes it', async () => {
    await history.deploy();
    await damages[4].damage();
    const { code: reason, message } = await rejection(
      accept({ ...history.target, migration: projects, reason: 'never mind' }),
    );
    expect(reason).toBe('USAGE');
    expect(message).toMatch(/`rollback` finishes the rollback, `deploy --resume` applies the migration again/);
  });
});

it('Everything that is broken is told at once', async () => {
  await history.deploy();
  for (const { damage } of damages.slice(0, 3)) await damage();
  const message = await refusalOf();
  for (const { name, state } of damages.slice(0, 3)) expect(message).toContain(` ${name} is ${state}: `);
});

it('Line ends and a byte order mark are no edit', async () => {
  await history.deploy();
  const file = `${history.folder}/${emails}`;
  await writeFile(file, `\uFEFF${(await readFile(file, 'utf8')).replaceAll('\n', '\r\n')}`);
  expect((await history.deploy()).applied).toEqual([]);
});

describe('What is half rolled back', () => {
  const isThere = async () => (await history.db.listCollections({ name: 'projects' }).toArray()).length === 1;

  it('is finished by rollback', async () => {
    await history.deploy();
    await damages[4].damage();
    expect((await history.rollback({ to: 'emails' })).applied).toEqual([users, emails]);
    expect(await history.recorded()).toEqual([users, emails]);
    expect((await history.deploy()).applied.map(({ name }) => name)).toEqual([projects]);
  });

  it('is applied again by deploy --resume', async () => {
    await history.deploy();
    await damages[4].damage();
    expect(await isThere()).toBe(false);
    expect((await history.deploy({ resume: true })).applied.map(({ name }) => name)).toEqual([projects]);
    expect(await isThere()).toBe(true);
    expect(await stateOf(projects)).toBe('applied');
    expect(await history.recorded()).toEqual([users, emails, projects]);
  });

  it('cannot be applied again without its file, and says so before anything is written', async () => {
    await history.deploy();
    await damages[4].damage();
    await history.remove(projects);
    const before = await history.contents();
    const error = await rejection(history.deploy({ resume: true }));
    expect(error.code).toBe('HISTORY');
    expect(error.message).toContain(`The file of ${projects} is missing`);
    expect(await history.contents()).toEqual(before);
  });
});
