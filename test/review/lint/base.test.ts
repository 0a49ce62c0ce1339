import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lintPage } from '../../../src/review/lint';
import { readBase } from '../../../src/review/lint/base';
import type { LintReport } from '../../../src/review/lint';
import { ProjectCopy } from '../../commands/project-copy';

const [first, second] = ['20260101000000-users.ts', '20260102000000-projects.ts'];
const creating = (collection: string) =>
  `import { createCollections, migration } from '../src/migration';\nexport default migration(__filename, createCollections('${collection}'));\n`;
const unique = `import { createIndexes, migration } from '../src/migration';
export default migration(
  __filename,
  createIndexes('users', [{ name: 'email_1', key: { email: 1 }, unique: true, serves: 'sign-in' }]),
);
`;

let project: ProjectCopy;
const git = async (...args: string[]) => {
  const ended = await project.run('git', ['-c', 'user.name=A', '-c', 'user.email=a@example.org', ...args]);
  if (ended.exitCode !== 0) throw new Error(`git ${args.join(' ')}: ${ended.stderr}`);
};
const lint = (...args: string[]) => project.schema(['lint', ...args]);
const findings = async (...args: string[]) => {
  const { stdout, stderr } = await lint('--json', ...args);
  if (stdout === '') throw new Error(stderr);
  return (JSON.parse(stdout) as LintReport).findings.map(({ code, migration }) => `${code} ${migration}`);
};
const reset = () => git('reset', '--quiet', '--hard', 'branch');

/** main has two migrations; the branch has none but those. */
beforeAll(async () => {
  project = await ProjectCopy.make();
  await rm(project.path('migrations'), { recursive: true });
  await project.makeFolder('migrations');
  await project.write(`migrations/${first}`, creating('users'));
  await project.write(`migrations/${second}`, creating('projects'));
  await project.schema(['snapshot']);
  await git('init', '--quiet', '--initial-branch', 'main');
  await git('add', 'migrations');
  await git('commit', '--quiet', '--message', 'Start');
  await git('checkout', '--quiet', '-b', 'branch');
});
afterAll(() => project.remove());

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
    await rm(project.path('migrations', '20260103000000-unique.ts'));
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
    expect(await project.schema(['snapshot', '--amend', first])).toMatchObject({ exitCode: 0 });
    expect(await project.schema(['snapshot', '--check'])).toMatchObject({ exitCode: 0 });
    expect(await findings('--base', 'main')).toEqual([`SM022 ${first}`]);
    await reset();
  });

  it('finds an entry of frozen.json that was altered alone', async () => {
    const text = await project.read('migrations', 'frozen.json');
    await project.write('migrations/frozen.json', text.replace(/"changes": "...../, '"changes": "00000'));
    expect(await findings('--base', 'main')).toEqual([`SM022 ${first}`]);
    await reset();
  });

  it('finds a merged migration that was deleted', async () => {
    await rm(project.path('migrations', second));
    expect(await findings('--base', 'main')).toEqual([`SM022 ${second}`]);
    await reset();
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
    await rm(project.path('migrations', '20260104000000-late.ts'));
    await rm(project.path('migrations', '20260106000000-right.ts'));
  });

  it.each([
    ['a ref that is not there', 'origin/nowhere', 'git knows no commit "origin/nowhere". Is it fetched?'],
    ['an option in its place', '--output=x', '"--output=x" is no git ref.'],
  ])('ends 64 for %s', async (_title, ref, message) => {
    const { exitCode, stdout, stderr } = await lint(`--base=${ref}`);
    expect({ exitCode, stdout }).toEqual({ exitCode: 64, stdout: '' });
    expect(stderr).toContain(message);
  });

  it('says when there is no repository', async () => {
    const folder = tmpdir();
    await expect(readBase(folder, 'main')).rejects.toThrow(`${folder} is in no git repository.`);
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
    expect(stderr).toBe('error There is no rule SM0O4. Did you mean SM004?\n');
  });
});

describe('docs/lint.md', () => {
  it('is what the rules say, and keeps what people wrote around it', async () => {
    const page = await project.read('docs', 'lint.md');
    expect(lintPage(page)).toBe(page);
    expect(lintPage(page.replace('Index dropped', 'Something dropped'))).toBe(page);
    expect(lintPage(page.replace('# Lint rules', '# Our rules'))).toMatch(/^# Our rules\n/);
    expect(lintPage(undefined)).toMatch(/^# Lint rules\n\n<!-- rules/);
  });
});
