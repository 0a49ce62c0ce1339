import path from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { projectFolder } from '../support/project-folder';
import { indexOn, makeSmallProject, type SmallProject } from '../support/small-project';

let project: SmallProject;
beforeAll(async () => {
  project = await makeSmallProject({
    users: `createCollections('users')`,
    emails: `createIndexes('users', [${indexOn('email')}, ${indexOn('name')}])`,
    // It makes a collection that no migration knows of.
    strays: `run('stray', {
      isDone: async (db) => (await db.collection('strays').countDocuments()) > 0,
      run: async ({ db }) => { await db.collection('strays').insertOne({}); },
      undo: 'nothing to undo',
    })`,
  });
});
afterAll(() => project.remove());

describe('npm run test:migration', () => {
  const npm = async (...args: string[]) => {
    const { PATH = '', HOME = '' } = process.env;
    const { exitCode, stdout, stderr } = await execa('npm', ['run', '--silent', 'test:migration', '--', ...args], {
      cwd: projectFolder,
      env: { PATH, HOME, NO_COLOR: '1', TEST_MONGODB_URL: inject('mongodb').url },
      extendEnv: false,
      reject: false,
    });
    return { exitCode, stdout, stderr };
  };

  it('replays a migration on top of its predecessors, and ends as vitest does', async () => {
    const folder = path.relative(projectFolder, project.folder);
    const [replayed, failed] = await Promise.all([
      npm('emails', '--migrations', folder),
      npm('strays', '--migrations', folder),
    ]);
    expect(replayed.stdout).toMatch(/^8 passed, 0 failed$/m);
    expect(replayed.exitCode).toBe(0);
    expect(failed.stderr).toContain('20260103000000-strays.ts > goes up to the schema of its changes');
    expect(failed.stdout).toMatch(/^1 passed, 4 failed$/m);
    expect(failed.exitCode).toBe(1);
  });
});
