import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { currentCommit } from '../../../src/history/actor';
import { git as ask } from '../../../src/review/git';
import { lintPage } from '../../../src/review/lint';
import { readBase } from '../../../src/review/lint/base';
import { releasedMigrations } from '../../../src/review';
import type { LintReport } from '../../../src/review/lint';
import { makeRepository, type Git } from '../../support/git-repository';
import { projectFolder } from '../../support/project-folder';
import { documentOf, runSchema } from '../../support/schema-command';
import { makeSmallProject, migrationText, type SmallProject } from '../../support/small-project';

const creating = (collection: string) => migrationText(`createCollections('${collection}')`);
/** The index is on its fourth line. */
const unique = migrationText(`
  // One account an email.
  createIndexes('users', [{ name: 'email_1', key: { email: 1 }, unique: true, serves: 'sign-in' }])`);

let project: SmallProject;
let git: Git;
let [first, second] = ['', ''];
const schema = (...args: string[]) => runSchema(project, args);
const lint = (...args: string[]) => schema('lint', ...args);
const findings = async (...args: string[]) => {
  const report = documentOf(await lint('--json', ...args)) as unknown as LintReport;
  return report.findings.map(({ code, migration }) => `${code} ${migration}`);
};

/** main has two migrations; the branch has none but those, and each test begins with it. */
beforeAll(async () => {
  project = await makeSmallProject({ users: "createCollections('users')", projects: "createCollections('projects')" });
  [first = '', second = ''] = project.names;
  await schema('snapshot');
  git = await makeRepository(project.path());
  await git('checkout', '--quiet', '-b', 'branch');
});
afterAll(() => project.remove());
beforeEach(async () => {
  await git('reset', '--quiet', '--hard', 'branch');
  await git('clean', '--quiet', '--force', '-d');
});

describe('The migrations that cannot be corrected any more', () => {
  const released = () => releasedMigrations(project.folder);

  it('are the frozen ones of the main branch', async () => {
    await project.write('migrations/20260103000000-new.ts', creating('new'));
    await schema('snapshot');
    expect(await released()).toEqual([first, second]);
    await project.write('migrations/frozen.json', '{}\n');
    expect(await released()).toEqual([]);
  });

  it('are all frozen ones in no repository, as in an image', async () => {
    const image = await mkdtemp(path.join(tmpdir(), 'image-'));
    await writeFile(path.join(image, 'frozen.json'), JSON.stringify({ [first]: {} }));
    expect(await releasedMigrations(image)).toEqual([first]);
    await rm(image, { recursive: true });
  });
});

describe('lint --base', () => {
  it('judges what is new, and takes what the base created to hold data', async () => {
    await project.write('migrations/20260103000000-unique.ts', unique);
    const { exitCode, stdout } = await lint('--base', 'main', '--format', 'github');
    expect(exitCode).toBe(2);
    expect(stdout).toMatch(
      /^::error file=migrations\/20260103000000-unique\.ts,line=4,title=SM001 Unique index over data::/,
    );
    expect(stdout).toContain('\n1 new migration against main: 1 error, 0 warnings, 0 suppressed.\n');
    expect((await lint()).exitCode).toBe(0);
  });

  it('finds nothing where nothing is new', async () => {
    const { exitCode, stdout } = await lint('--base', 'main');
    expect({ exitCode, stdout }).toEqual({
      exitCode: 0,
      stdout: '0 new migrations against main: 0 errors, 0 warnings, 0 suppressed.\n',
    });
  });

  it('finds a merged migration that was edited, also when it was frozen anew', async () => {
    await project.write(`migrations/${first}`, creating('people'));
    expect(await findings('--base', 'main')).toEqual([`SM022 ${first}`]);
    expect(await schema('snapshot', '--amend', first)).toMatchObject({ exitCode: 0 });
    expect(await schema('snapshot', '--check')).toMatchObject({ exitCode: 0 });
    expect(await findings('--base', 'main')).toEqual([`SM022 ${first}`]);
  });

  it('finds an entry of frozen.json that was altered alone', async () => {
    const text = await project.read('migrations', 'frozen.json');
    await project.write('migrations/frozen.json', text.replace(/"changes": "...../, '"changes": "00000'));
    expect(await findings('--base', 'main')).toEqual([`SM022 ${first}`]);
  });

  it('finds a merged migration that was deleted', async () => {
    await rm(project.path('migrations', second));
    expect(await findings('--base', 'main')).toEqual([`SM022 ${second}`]);
  });

  it('does not take a branch that is behind for one that deletes, and sees what comes too late for the base', async () => {
    await git('checkout', '--quiet', 'main');
    await project.write('migrations/20260105000000-targets.ts', creating('targets'));
    await git('add', 'migrations');
    await git('commit', '--quiet', '--message', 'Go on');
    await git('checkout', '--quiet', 'branch');
    await project.write('migrations/20260104000000-late.ts', creating('presets'));
    await project.write('migrations/20260106000000-right.ts', creating('results'));
    expect(await findings('--base', 'main')).toEqual([
      'SM021 20260104000000-late.ts',
      'SM017 20260104000000-late.ts',
      'SM017 20260106000000-right.ts',
    ]);
  });

  it.each([
    ['a ref that does not exist', 'origin/nowhere', 'git cannot find the commit "origin/nowhere" (USAGE)'],
    ['an option in its place', '--output=x', '"--output=x" is not a git ref (USAGE)'],
  ])('ends 64 for %s', async (_title, ref, message) => {
    const { exitCode, stdout, stderr } = await lint(`--base=${ref}`);
    expect({ exitCode, stdout }).toEqual({ exitCode: 64, stdout: '' });
    expect(stderr).toContain(message);
  });

  it('says when there is no repository', async () => {
    const folder = tmpdir();
    await expect(readBase(folder, 'main')).rejects.toThrow(`${folder} is not in a git repository (USAGE)`);
  });
});

describe('In a hook of git', () => {
  let other: SmallProject;
  beforeAll(async () => {
    other = await makeSmallProject({ people: "createCollections('people')" });
    await makeRepository(other.path());
  });
  afterAll(() => other.remove());
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  // What git itself calls local to a repository; the configuration may come from outside.
  it('the base, and the commit of the history, are those of the folder, whatever the variables name', async () => {
    const commit = await git('rev-parse', 'HEAD');
    const local = (await git('rev-parse', '--local-env-vars')).split('\n').filter((name) => !/CONFIG/.test(name));
    expect(local).toContain('GIT_DIR');
    await project.write(`migrations/${first}`, creating('people'));
    const found = await findings('--base', 'main');
    expect(found).toEqual([`SM022 ${first}`]);
    const elsewhere: Record<string, string> = {
      GIT_DIR: other.path('.git'),
      GIT_COMMON_DIR: other.path('.git'),
      GIT_OBJECT_DIRECTORY: other.path('.git', 'objects'),
      GIT_INDEX_FILE: other.path('.git', 'index'),
    };
    for (const name of local) {
      vi.stubEnv(name, elsewhere[name] ?? other.path());
      expect(await findings('--base', 'main'), name).toEqual(found);
      expect(currentCommit(project.folder), name).toBe(commit);
    }
    expect(await findings('--base', 'main'), 'all of them').toEqual(found);
    expect(currentCommit(project.folder), 'all of them').toBe(commit);
  });

  it('what git itself says of an error is shown, without a password', async () => {
    const { stderr } = await lint('--base', 'nowhere');
    expect(stderr).toMatch(/why {4}fatal: .*\n {9}perhaps the commit was not fetched/);
    const failed = ask(project.folder, 'fetch', 'http://ann:secret@127.0.0.1:1/studio.git');
    await expect(failed).rejects.toThrow(/`git fetch` failed in .*\n {2}why {4}fatal: .*127\.0\.0\.1/);
    await expect(failed).rejects.not.toThrow(/secret/);
  });
});

describe('lint --explain', () => {
  it('tells of a rule, with the safe way', async () => {
    const { exitCode, stdout } = await lint('--explain', 'sm004');
    expect(exitCode).toBe(0);
    await expect(stdout).toMatchFileSnapshot('../golden/lint-explain.txt');
  });

  it('ends 64 for a rule that is none, and knows what was meant', async () => {
    const { exitCode, stdout, stderr } = await lint('--explain', 'SM0O4');
    expect({ exitCode, stdout }).toEqual({ exitCode: 64, stdout: '' });
    expect(stderr).toBe(
      '✖ There is no rule SM0O4 (USAGE)\n  fix    did you mean SM004?\n  docs   docs/errors.md#usage\n',
    );
  });
});

describe('docs/lint.md', () => {
  it('is what the rules say, and keeps what people wrote around it', async () => {
    const page = (await readFile(path.join(projectFolder, 'docs', 'lint.md'), 'utf8')).replaceAll('\r\n', '\n');
    expect(lintPage(page)).toBe(page);
    const edited = page.replace('Index dropped', 'Something dropped');
    expect(edited).not.toBe(page);
    expect(lintPage(edited)).toBe(page);
    expect(lintPage(page.replace('# Lint rules', '# Our rules'))).toMatch(/^# Our rules\n/);
    expect(lintPage(undefined)).toMatch(/^# Lint rules\n\n<!-- rules/);
  });
});
