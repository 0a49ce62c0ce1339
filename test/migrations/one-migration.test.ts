import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testMigration } from '../../scripts/test_migration_command';
import { Collected } from '../support/schema-command';
import { indexOn, makeSmallProject, type SmallProject } from '../support/small-project';

let project: SmallProject;
beforeAll(async () => {
  project = await makeSmallProject({
    users: `createCollections('users')`,
    emails: `createIndexes('users', [${indexOn('email')}])`,
    strays: `createCollections('strays')`,
  });
});
afterAll(() => project.remove());

/** In this process, with nothing that is replayed. */
async function run(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const [stdout, stderr, replayed] = [new Collected(), new Collected(), [] as string[][]];
  const replay = (...what: string[]) => {
    replayed.push(what);
    return Promise.resolve(7);
  };
  const exitCode = await testMigration(args, { stdout, stderr, replay }, env);
  return { exitCode, stdout: stdout.text, stderr: stderr.text, replayed };
}

/** Of the second line of a field of an error. */
const margin = ' '.repeat(9);

describe('The command line of npm run test:migration', () => {
  it.each([
    ['a unique part of its name', ['mail']],
    ['its name', ['20260102000000-emails.ts']],
  ])('chooses a migration by %s, and ends with what replaying it ended with', async (_title, args) => {
    const expected = { exitCode: 7, stdout: '', stderr: '', replayed: [['20260102000000-emails.ts', project.folder]] };
    expect(await run([...args, '--migrations', project.folder])).toEqual(expected);
    expect(await run(args, { SCHEMA_MIGRATIONS: project.folder })).toEqual(expected);
  });

  it.each([
    [
      'without a name',
      [],
      `the newest are:\n${margin}20260101000000-users.ts\n${margin}20260102000000-emails.ts\n${margin}20260103000000-strays.ts\n  fix    name one`,
    ],
    [
      'for a name that is unknown',
      ['email5'],
      `There is no migration "email5" here (USAGE)\n  why    there are:\n${margin}20260102`,
    ],
    [
      'for a part of several names',
      ['2026010'],
      `Several migrations match "2026010" (USAGE)\n  why    there are:\n${margin}20260101000000-users.ts\n`,
    ],
    ['for several names', ['users', 'emails'], 'too many arguments'],
    ['for an option that is unknown', ['users', '--migration', 'x'], 'Did you mean --migrations?'],
    ['for a folder that does not exist', ['users', '--migrations', '/no/such'], 'The folder /no/such'],
    ['for a folder without migrations', ['users', '--migrations', 'docs'], '/docs holds none'],
  ])('runs nothing and ends 64 %s', async (_title, args, message) => {
    const { exitCode, stdout, stderr, replayed } = await run(['--migrations', project.folder, ...args]);
    expect({ exitCode, stdout, replayed }).toEqual({ exitCode: 64, stdout: '', replayed: [] });
    expect(stderr).toContain(message);
  });

  it('explains itself with --help', async () => {
    const { exitCode, stdout, replayed } = await run(['--help']);
    expect({ exitCode, replayed }).toEqual({ exitCode: 0, replayed: [] });
    expect(stdout).toContain('npm run test:migration -- add_tags');
  });
});
