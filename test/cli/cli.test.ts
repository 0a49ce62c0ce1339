import { createRequire } from 'node:module';
import { ConnectionString } from 'mongodb-connection-string-url';
import { describe, expect, inject, it } from 'vitest';
import type { Ended } from '../support/schema-command';
import { runCommandLine, verbsOfProgram } from './command-line';

/** The test server's URL, with something changed. */
function serverUrl(change: (url: ConnectionString) => void): string {
  const url = new ConnectionString(inject('mongodb').url);
  change(url);
  return url.toString();
}

function expectNoCredentials({ stdout, stderr }: Ended): void {
  expect(stdout + stderr).not.toMatch(/somebody|topsecret|top%40secret/);
}

const verbs = verbsOfProgram();
const names = verbs.map(({ name }) => name);
/** They work without any migrations. */
const withoutMigrations = ['db', 'doctor', 'help', 'verify-backup'];

describe('The command line', () => {
  it.each([
    ['no verb', [], 'Usage: schema'],
    ['an unknown verb', ['frobnicate'], "✖ Unknown command 'frobnicate' (USAGE)"],
    ['an unknown option', ['deploy', '--frobnicate'], "✖ Unknown option '--frobnicate' (USAGE)"],
    ['an argument too many', ['deploy', 'now'], '✖ Too many arguments'],
    ['a port that is none', ['db', '--port', '70000'], 'why    Give a port: a whole number from 1 to 65535\n'],
  ])('ends 64 for %s, and says so on stderr', async (_title, args, message) => {
    const { exitCode, stdout, stderr } = await runCommandLine(args);
    expect({ exitCode, stdout }).toEqual({ exitCode: 64, stdout: '' });
    expect(stderr).toContain(message);
  });

  it('says with --json what is wrong in one JSON document, also when that is the command line', async () => {
    const { exitCode, stdout, stderr } = await runCommandLine(['deploy', '--json', '--frobnicate']);
    expect(exitCode).toBe(64);
    const summary = "Unknown option '--frobnicate'";
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'USAGE', summary, docs: 'docs/errors.md#usage' } });
    expect(stderr).toContain(`✖ ${summary} (USAGE)\n`);
  });

  it('knows what was meant by a typo', async () => {
    expect((await runCommandLine(['deplyo'])).stderr).toContain('did you mean deploy?');
    expect((await runCommandLine(['snapshot', '--chekc'])).stderr).toContain('did you mean --check?');
    expect((await runCommandLine(['deploy', '--dyr-run=yes'])).stderr).toContain('did you mean --dry-run?');
    expect((await runCommandLine(['status', '--migratoins', 'a'])).stderr).toContain('did you mean --migrations?');
  });

  it('knows what other tools call a verb', async () => {
    const { exitCode, stderr } = await runCommandLine(['up']);
    expect({ exitCode, stderr }).toEqual({
      exitCode: 64,
      stderr: expect.stringContaining('did you mean deploy?') as string,
    });
  });

  it('shows no password of a connection string that stands in a wrong option', async () => {
    const ended = await runCommandLine(['deploy', '--json', '--url=mongodb://somebody:topsecret@h/']);
    expect(ended.stderr).toContain("✖ Unknown option '--url=mongodb://<credentials>@h/'");
    expectNoCredentials(ended);
  });
});

describe('--version', () => {
  it('shows the version of the package', async () => {
    const { version } = createRequire(__filename)('../../package.json') as { version: string };
    expect(await runCommandLine(['--version'])).toEqual({ exitCode: 0, stdout: `${version}\n`, stderr: '' });
  });
});

describe('help', () => {
  it('shows of a verb what its --help shows, and else what the program does', async () => {
    expect(await runCommandLine(['help', 'deploy'])).toEqual(await runCommandLine(['deploy', '--help']));
    expect(await runCommandLine(['help'])).toEqual(await runCommandLine(['--help']));
  });

  it('ends 64 for a verb that there is not, and knows what was meant', async () => {
    const { exitCode, stdout, stderr } = await runCommandLine(['help', 'rolback']);
    expect({ exitCode, stdout }).toEqual({ exitCode: 64, stdout: '' });
    expect(stderr).toContain('✖ There is no verb rolback (USAGE)\n  fix    did you mean rollback?');
  });
});

describe('--help', () => {
  it('lists every verb, with what it does', async () => {
    const { exitCode, stdout, stderr } = await runCommandLine(['--help']);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    const commands = /\nCommands:\n((?: {2,}.*\n)+)/.exec(stdout)?.[1] ?? '';
    const listed = [...commands.matchAll(/^ {2}([\w-]+) .*? {2,}\S/gm)].map(([, name]) => name);
    expect(listed).toEqual(names);
    expect(names).toEqual(expect.arrayContaining(['deploy', 'rollback', 'seed', ...withoutMigrations]));
  });

  it.each(names)('explains %s, gives examples of it, and names the options of every verb', async (name) => {
    const { exitCode, stdout, stderr } = await runCommandLine([name, '--help']);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toContain(`Usage: schema ${name} [options]`);
    expect(stdout).toMatch(/\n\n[A-Z][^]*\.\n\n(?:Arguments|Options):\n/);
    const examples = /\nExamples?:\n((?: {2}\$ .*\n)+)$/.exec(stdout)?.[1] ?? '';
    expect(examples).toMatch(/^ {2}\$ \S/);
    expect(stdout).toMatch(/^ {2}--migrations <folder> /m);
    expect(stdout).toMatch(/^ {2}--schema-folder <folder> /m);
  });
});

describe('--migrations', () => {
  it.each(verbs)('stands before or after $name', async ({ name, required }) => {
    const verb = [name, ...required];
    const option = ['--migrations', __dirname];
    for (const args of [
      [...option, ...verb],
      [...verb, ...option],
    ]) {
      // Nothing runs: with an argument too many, the command line is refused, and for nothing else.
      const { exitCode, stderr } = await runCommandLine([...args, 'one', 'two', 'three']);
      expect(exitCode).toBe(64);
      expect(stderr).toMatch(/^✖ Too many arguments/);
    }
  });

  it.each(verbs.filter(({ name }) => !withoutMigrations.includes(name)))(
    'ends 64 for a folder that is not there: $name',
    async ({ name, required }) => {
      // Its file is optional, since --resume and --undo take none.
      const given = name === 'restore' ? ['a-file'] : required;
      const { exitCode, stdout, stderr } = await runCommandLine([name, ...given, '--migrations', '/no/such/folder']);
      expect({ exitCode, stdout }).toEqual({ exitCode: 64, stdout: '' });
      expect(stderr).toBe(
        '✖ The folder /no/such/folder does not exist (USAGE)\n' +
          '  fix    name the folder of the migrations with --migrations or SCHEMA_MIGRATIONS\n' +
          '  docs   docs/errors.md#usage\n',
      );
    },
  );
});

describe('A verb that needs a server', () => {
  it('ends 64 when MONGODB_URL is not set, and says what to do', async () => {
    for (const env of [{}, { MONGODB_URL: '' }]) {
      const { exitCode, stdout, stderr } = await runCommandLine(['deploy'], env);
      expect({ exitCode, stdout }).toEqual({ exitCode: 64, stdout: '' });
      expect(stderr).toMatch(/^✖ No server is named[^]*MONGODB_URL is not set[^]*--embedded/);
    }
  });

  it('ends 64 in a wrong environment, with every problem at once', async () => {
    const env = { MONGODB_URL: 'mongodb:/somebody:topsecret@h', MONGODB_DATABASE: 'a b', SCHEMA_ALLOW_SHARDED: 'yes' };
    const ended = await runCommandLine(['deploy', '--embedded', '--dry-run'], env);
    expect(ended.exitCode).toBe(64);
    for (const name of Object.keys(env)) expect(ended.stderr).toMatch(new RegExp(`^ {2}(?:why| {3}) {4}${name} `, 'm'));
    expectNoCredentials(ended);
  });

  it('refuses an embedded server in production', async () => {
    const { exitCode, stderr } = await runCommandLine(['deploy', '--embedded', '--dry-run'], {
      NODE_ENV: 'production',
    });
    expect(exitCode).toBe(64);
    expect(stderr).toContain('--embedded is refused while NODE_ENV is production');
  });
});

describe('No credentials are told', () => {
  it.each([
    [
      'a host that does not answer',
      'mongodb://somebody:top%40secret@127.0.0.1:1/?serverSelectionTimeoutMS=300',
      1,
      'CONNECTION_REFUSED',
    ],
    [
      'a host that does not exist',
      'mongodb://somebody:topsecret@nowhere.invalid/?serverSelectionTimeoutMS=300',
      1,
      'HOST_NOT_FOUND',
    ],
    ['a password that is not encoded', 'mongodb://somebody:top@secret@127.0.0.1/', 64, 'USAGE'],
    ['a URL without its host', 'mongodb://somebody:topsecret', 64, 'USAGE'],
    ['an unknown option', 'mongodb://somebody:topsecret@127.0.0.1/?nonsense=1', 64, 'USAGE'],
  ])('for %s', async (_title, url, exitCode, code) => {
    const ended = await runCommandLine(['deploy', '--json'], { MONGODB_URL: url });
    expect(ended.exitCode).toBe(exitCode);
    expect(ended.stderr).toMatch(/^✖ /);
    const { error } = JSON.parse(ended.stdout) as { error: { code: string; message: string } };
    expect(error.code).toBe(code);
    expect(ended.stderr).toContain(error.message);
    expectNoCredentials(ended);
  });

  it('when the server refuses them', async () => {
    const url = serverUrl((refused) => {
      refused.username = 'somebody';
      refused.password = 'top%40secret';
    });
    const ended = await runCommandLine(['deploy', '--dry-run'], { MONGODB_URL: url });
    expect(ended.exitCode).toBe(1);
    expect(ended.stderr).toContain('the server refuses the login');
    expectNoCredentials(ended);
  });
});
