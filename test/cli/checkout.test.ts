import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeSmallProject } from '../support/small-project';
import { runCommandLine } from './command-line';
import { ProjectCopy } from './project-copy';

let checkout: ProjectCopy;
beforeAll(async () => {
  checkout = await ProjectCopy.make();
});
afterAll(() => checkout.remove());

describe('A checkout', () => {
  it('has a script in package.json that starts the command line', async () => {
    const started = await checkout.run('npm', ['run', '--silent', 'schema', '--', 'deplyo', '--json']);
    expect(started).toEqual(await runCommandLine(['deplyo', '--json']));
    expect(started.exitCode).toBe(64);
    expect(started.stdout).toContain('"code": "USAGE"');
    expect(started.stderr).toContain('did you mean deploy?');
  });

  it('has its page of lint rules written with the snapshot of its own migrations, and of no others', async () => {
    const others = await makeSmallProject({ users: "createCollections('users')" });
    try {
      const page = await checkout.read('docs', 'lint.md');
      const altered = page.replace(/^### SM001$[^]*?(?=^### SM002$)/m, '');
      expect(altered).not.toBe(page);
      await checkout.write('docs/lint.md', altered);

      const ofOthers = await checkout.schema(['snapshot', '--migrations', others.folder]);
      expect(ofOthers).toMatchObject({ exitCode: 0, stderr: '' });
      expect(ofOthers.stdout).not.toContain('lint.md');
      expect(await checkout.read('docs', 'lint.md')).toBe(altered);

      const own = await checkout.schema(['snapshot']);
      expect(own).toMatchObject({ exitCode: 0, stderr: '' });
      expect(own.stdout).toMatch(/^changed {3}docs\/lint\.md$/m);
      expect(await checkout.read('docs', 'lint.md')).toBe(page);
    } finally {
      await others.remove();
    }
  });
});
