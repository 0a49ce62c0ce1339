import { mkdir, rm } from 'node:fs/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { runSchema } from '../support/schema-command';
import { makeSmallProject, migrationText, type SmallProject } from '../support/small-project';

const creating = (collection: string) => migrationText(`createCollections('${collection}')`);

let project: SmallProject;
let [first, second] = ['', ''];
/** The files of the project, frozen as they are, by their names. */
let frozen: Readonly<Record<string, string>>;
const snapshot = (...args: string[]) => runSchema(project, ['snapshot', ...args]);
const frozenNames = async () => Object.keys(JSON.parse(await project.read('migrations', 'frozen.json')) as object);

beforeAll(async () => {
  project = await makeSmallProject({ users: "createCollections('users')", projects: "createCollections('projects')" });
  await snapshot();
  [first = '', second = ''] = project.names;
  const files = [
    `migrations/${first}`,
    `migrations/${second}`,
    'migrations/frozen.json',
    'schema/schema.json',
    'schema/SCHEMA.md',
  ];
  frozen = Object.fromEntries(await Promise.all(files.map(async (name) => [name, await project.read(name)] as const)));
});
afterAll(() => project.remove());
beforeEach(async () => {
  for (const folder of ['migrations', 'schema']) {
    await rm(project.path(folder), { recursive: true });
    await mkdir(project.path(folder));
  }
  for (const [name, text] of Object.entries(frozen)) await project.write(name, text);
});

describe('snapshot --check', () => {
  it('ends 0 when everything is as it was frozen', async () => {
    expect(await snapshot('--check')).toEqual({ exitCode: 0, stdout: 'The snapshot is up to date.\n', stderr: '' });
  });

  it('ends 2 for a migration that is new, and writes nothing', async () => {
    await project.write('migrations/20260103000000-targets.ts', creating('targets'));
    const { exitCode, stdout } = await snapshot('--check');
    expect(exitCode).toBe(2);
    expect(stdout.split('\n').slice(0, 3)).toEqual([
      'new       20260103000000-targets.ts',
      'changed   schema/schema.json',
      'changed   schema/SCHEMA.md',
    ]);
    expect(await frozenNames()).toEqual([first, second]);
  });

  it('ends 2 for a migration that was altered, be it only its text', async () => {
    await project.write(`migrations/${first}`, `${creating('users')}// A word more.\n`);
    const { exitCode, stdout } = await snapshot('--check');
    expect(exitCode).toBe(2);
    expect(stdout.split('\n')[0]).toBe(`altered   ${first}`);
    expect(stdout).not.toContain('changed');
  });

  it('ends 2 for a migration that is gone', async () => {
    await rm(project.path('migrations', first));
    const { exitCode, stdout } = await snapshot('--check');
    expect(exitCode).toBe(2);
    expect(stdout).toContain(`removed   ${first}\nchanged   schema/schema.json\nchanged   schema/SCHEMA.md\n`);
  });

  it.each(['schema/schema.json', 'schema/SCHEMA.md'])(
    'ends 2 for a %s that was written to by hand, or is missing',
    async (name) => {
      await project.write(name, '{}\n');
      expect(await snapshot('--check')).toMatchObject({ exitCode: 2 });
      await rm(project.path(name));
      const { exitCode, stdout } = await snapshot('--check');
      expect(exitCode).toBe(2);
      expect(stdout.split('\n')[0]).toBe(`changed   ${name}`);
    },
  );

  it('sees neither line ends nor byte order marks', async () => {
    for (const [name, text] of Object.entries(frozen)) {
      const mark = name.endsWith('.ts') ? '\uFEFF' : '';
      await project.write(name, mark + text.replaceAll('\n', '\r\n'));
    }
    expect(await snapshot('--check')).toMatchObject({ exitCode: 0 });
  });

  it('prints one JSON document with --json', async () => {
    await project.write('migrations/20260103000000-targets.ts', creating('targets'));
    const { exitCode, stdout } = await snapshot('--check', '--json');
    expect(exitCode).toBe(2);
    expect(JSON.parse(stdout)).toEqual({
      added: ['20260103000000-targets.ts'],
      altered: [],
      removed: [],
      stale: ['schema/schema.json', 'schema/SCHEMA.md'],
      isClean: false,
    });
  });
});

describe('snapshot', () => {
  it('freezes what is new and leaves the entries of the others as they are', async () => {
    await project.write('migrations/20260103000000-targets.ts', creating('targets'));
    const { exitCode, stdout } = await snapshot();
    expect({ exitCode, stdout }).toEqual({
      exitCode: 0,
      stdout:
        'new       20260103000000-targets.ts\nchanged   migrations/frozen.json\nchanged   schema/schema.json\nchanged   schema/SCHEMA.md\nWritten.\n',
    });
    expect(await frozenNames()).toEqual([first, second, '20260103000000-targets.ts']);
    expect(await project.read('migrations', 'frozen.json')).toContain(
      (frozen['migrations/frozen.json'] ?? '').trim().slice(1, -2).trim(),
    );
    expect(Object.keys(JSON.parse(await project.read('schema', 'schema.json')) as object)).toEqual([
      'projects',
      'targets',
      'users',
    ]);
    expect(await snapshot('--check')).toMatchObject({ exitCode: 0 });
  });

  it('refuses a frozen migration that was altered, until it is named with --amend', async () => {
    await project.write(`migrations/${first}`, creating('people'));
    const refused = await snapshot('--amend', second);
    expect(refused).toMatchObject({ exitCode: 1, stdout: '' });
    expect(refused.stderr).toContain(`✖ changed after being frozen: ${first} (SNAPSHOT)\n`);
    expect(refused.stderr).toContain(`npm run snapshot -- --amend ${first}`);
    expect(await project.read('migrations', 'frozen.json')).toBe(frozen['migrations/frozen.json']);
    expect(await project.read('schema', 'schema.json')).toBe(frozen['schema/schema.json']);

    const amended = await snapshot('--amend', first);
    expect(amended).toMatchObject({
      exitCode: 0,
      stdout: `altered   ${first}\nchanged   migrations/frozen.json\nchanged   schema/schema.json\nchanged   schema/SCHEMA.md\nWritten.\n`,
    });
    expect(await snapshot('--check')).toMatchObject({ exitCode: 0 });
  });

  it('refuses to forget a frozen migration, until it is named with --amend', async () => {
    await rm(project.path('migrations', second));
    expect(await snapshot()).toMatchObject({ exitCode: 1, stdout: '' });
    expect(await snapshot('--amend', second)).toMatchObject({ exitCode: 0 });
    expect(await frozenNames()).toEqual([first]);
  });

  it('ends 1 and names the migration that does not fit the ones before it', async () => {
    await project.write('migrations/20260103000000-again.ts', creating('users'));
    const { exitCode, stderr } = await snapshot();
    expect(exitCode).toBe(1);
    expect(stderr).toContain('why    Cannot create collection users\n         expected nothing before the change');
    expect(stderr).toContain('20260103000000-again.ts');
  });
});
