import { createRequire } from 'node:module';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dependenciesOf, readFrozen } from '../../src/project';
import { useDatabase } from '../support/database';
import { documentOf, runSchema, serverEnvironment } from '../support/schema-command';
import { makeSmallProject, type SmallProject } from '../support/small-project';

/** A folder that is in no project finds no packages. */
const driver = createRequire(__filename).resolve('mongodb');

/** A reference document whose values are this code. */
const row = (code: string) => `createCollections('rows'), insertDocuments('rows', [{ _id: 'row', value: ${code} }])`;
const text = (code: string) => row(`String(${code})`);

const dependent = {
  date: [text('new Date().getUTCFullYear()'), ['the clock']],
  now: [row('new Date(Date.now())'), ['the clock']],
  called: [text('Date()'), ['the clock', 'the time zone']],
  random: [text('Math.random()'), ['chance']],
  uuid: [text("require('node:crypto').randomUUID()"), ['chance']],
  bytes: [text("require('crypto').randomBytes(4).toString('hex')"), ['chance']],
  int: [text("require('node:crypto').randomInt(1000000)"), ['chance']],
  web: [text('crypto.getRandomValues(new Uint32Array(2))'), ['chance']],
  object_id: [row(`new (require('${driver}').ObjectId)()`), ['the clock', 'chance']],
  zone: [row('new Date(2026, 0, 31, 9, 30)'), ['the time zone']],
  intl: [text('Intl.DateTimeFormat().resolvedOptions().timeZone'), ['the time zone']],
  variable: [text('process.env.HOME'), ['the environment']],
  chosen: ["createCollections(process.env.HOME ? 'here' : 'elsewhere')", ['the environment']],
  several: [
    text('process.env.HOME + Math.random() + new Date(0).getHours()'),
    ['chance', 'the time zone', 'the environment'],
  ],
  fails: [text('process.env.HOME.length'), ['the environment']],
  process: [text('process.pid'), ['something that differs between two processes']],
} as const satisfies Record<string, readonly [string, readonly string[]]>;

const independent = {
  literal: row("new Date('2026-01-31T09:30:00Z')"),
  utc: row('new Date(Date.UTC(2026, 0, 31))'),
  kind: text('new Date(0) instanceof Date && new Date(0).toISOString()'),
  step: "run('mend', { isDone: async () => Math.random() > 2, run: async () => { new Date(); }, undo: undefined })",
};

describe('Which migrations depend on more than their text', () => {
  let project: SmallProject;
  let all: Awaited<ReturnType<typeof dependenciesOf>>;
  beforeAll(async () => {
    const steps = Object.fromEntries(Object.entries(dependent).map(([name, [code]]) => [name, code]));
    project = await makeSmallProject({ ...steps, ...independent });
    all = await dependenciesOf(project.migrations);
  });
  afterAll(() => project.remove());
  const found = (what: string) => all.get(project.names.find((name) => name.endsWith(`-${what}.ts`)) ?? '');

  it.each(Object.entries(dependent))('%s is found', (name, [, on]) => {
    expect(found(name)).toEqual(on);
  });

  it.each(Object.keys(independent))('%s is not', (name) => {
    expect(found(name)).toBeUndefined();
  });
});

describe('A migration that depends on the environment', () => {
  const database = useDatabase();
  let project: SmallProject;
  beforeAll(async () => {
    await database.db.dropDatabase();
    project = await makeSmallProject({
      users: "createCollections('users')",
      chosen: "createCollections((globalThis as { chosen?: string }).chosen ?? process.env.HOME ?? 'nowhere')",
    });
  });
  afterAll(() => project.remove());
  const schema = (...args: string[]) => runSchema(project, args, serverEnvironment(database.name));

  it('is found by `lint`, and not frozen by `snapshot`', async () => {
    const [, chosen = ''] = project.names;
    const report = documentOf(await schema('lint', '--json')) as { findings: { code: string; message: string }[] };
    expect(report.findings.filter(({ code }) => code === 'SM027')).toMatchObject([
      { migration: chosen, message: 'The changes of the migration depend on the environment.' },
    ]);
    for (const check of [[], ['--check']]) {
      const { exitCode, stderr } = await schema('snapshot', ...check);
      expect(exitCode).toBe(1);
      expect(stderr).toContain(`the changes of ${chosen} depend on the environment`);
    }
    expect(readFrozen(project.folder)).toEqual({});
  });
});

describe('A migration whose text is the frozen one, and whose changes are not', () => {
  const database = useDatabase();
  let project: SmallProject;
  const chosen = globalThis as { chosen?: string };
  beforeAll(async () => {
    await database.db.dropDatabase();
    project = await makeSmallProject({
      users: "createCollections('users')",
      chosen: "createCollections((globalThis as { chosen?: string }).chosen ?? 'usual')",
    });
    expect(await schema('snapshot')).toMatchObject({ exitCode: 0 });
  });
  afterAll(async () => {
    delete chosen.chosen;
    await project.remove();
  });
  const schema = (...args: string[]) => runSchema(project, args, serverEnvironment(database.name));

  it.each([['deploy'], ['plan'], ['baseline'], ['rollback', '--steps', '1', '--yes'], ['drift']])(
    'is refused by %s, before anything is written',
    async (...args) => {
      chosen.chosen = 'another';
      const { exitCode, stderr } = await schema(...args);
      expect({ exitCode, stderr }).toMatchObject({
        exitCode: 1,
        stderr: expect.stringContaining(`${project.names[1] ?? ''}: the changes differ from the frozen ones`) as string,
      });
      expect(stderr).toContain('(SNAPSHOT)');
      const names = (await database.db.listCollections().toArray()).map(({ name }) => name);
      expect(names.filter((name) => name !== 'schema_lock')).toEqual([]);
    },
  );

  it('passes where they are the same again, and where the text is being worked on', async () => {
    delete chosen.chosen;
    expect(await schema('deploy', '--to', 'users')).toMatchObject({ exitCode: 0 });
    chosen.chosen = 'another';
    await project.write(
      `migrations/${project.names[1] ?? ''}`,
      (await project.read('migrations', project.names[1] ?? '')) + '// more\n',
    );
    expect(await schema('deploy')).toMatchObject({ exitCode: 0 });
  });
});
