import { ConnectionString } from 'mongodb-connection-string-url';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { ProjectCopy, type Ended } from './project-copy';

let project: ProjectCopy;
beforeAll(async () => {
  project = await ProjectCopy.make();
});
afterAll(() => project.remove());

/** The test server's URL, with something changed. */
function serverUrl(change: (url: ConnectionString) => void): string {
  const url = new ConnectionString(inject('mongodb').url);
  change(url);
  return url.toString();
}

function expectNoCredentials({ stdout, stderr }: Ended): void {
  expect(stdout + stderr).not.toMatch(/somebody|topsecret|top%40secret/);
}

const verbs = [
  'status',
  'deploy',
  'rollback',
  'history',
  'accept',
  'baseline',
  'unlock',
  'snapshot',
  'backup',
  'restore',
  'verify-backup',
  'db',
];

describe('The command line', () => {
  it.each([
    ['no verb', [], 'Usage: schema'],
    ['an unknown verb', ['frobnicate'], "error: unknown command 'frobnicate'"],
    ['an unknown option', ['deploy', '--frobnicate'], "error: unknown option '--frobnicate'"],
    ['an argument too many', ['deploy', 'now'], 'error: too many arguments'],
    ['a port that is none', ['db', '--port', '70000'], 'A port is a whole number from 1 to 65535.'],
  ])('ends 64 for %s, and says so on stderr', async (_title, args, message) => {
    const { exitCode, stdout, stderr } = await project.schema(args);
    expect({ exitCode, stdout }).toEqual({ exitCode: 64, stdout: '' });
    expect(stderr).toContain(message);
  });

  it('says with --json what is wrong in one JSON document, also when that is the command line', async () => {
    const { exitCode, stdout, stderr } = await project.schema(['deploy', '--json', '--frobnicate']);
    expect(exitCode).toBe(64);
    expect(JSON.parse(stdout)).toEqual({ error: { code: 'USAGE', message: "error: unknown option '--frobnicate'" } });
    expect(stderr).toContain("error: unknown option '--frobnicate'");
  });

  it('is what the scripts of package.json start', async () => {
    const started = await project.run('npm', ['run', '--silent', 'schema', '--', 'deplyo']);
    expect(started).toEqual(await project.schema(['deplyo']));
    expect(started.exitCode).toBe(64);
  });

  it('knows what was meant by a typo', async () => {
    expect((await project.schema(['deplyo'])).stderr).toContain('(Did you mean deploy?)');
    expect((await project.schema(['snapshot', '--chekc'])).stderr).toContain('(Did you mean --check?)');
  });

  it('lists its verbs with --help', async () => {
    const { exitCode, stdout, stderr } = await project.schema(['--help']);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    for (const verb of verbs) expect(stdout).toMatch(new RegExp(`^  ${verb} .* \\S`, 'm'));
  });

  it.each(verbs)('explains %s with --help, and gives examples', async (verb) => {
    const { exitCode, stdout, stderr } = await project.schema([verb, '--help']);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toContain(`Usage: schema ${verb} [options]`);
    expect(stdout).toMatch(/\nExamples?:\n {2}\$ \S/);
  });
});

describe('A verb that needs a server', () => {
  it('ends 64 when MONGODB_URL is not set, and says what to do', async () => {
    for (const env of [{}, { MONGODB_URL: '' }]) {
      const { exitCode, stdout, stderr } = await project.schema(['deploy'], env);
      expect({ exitCode, stdout }).toEqual({ exitCode: 64, stdout: '' });
      expect(stderr).toMatch(/^error MONGODB_URL is not set: .*--embedded/);
    }
  });

  it('ends 64 in a wrong environment, with every problem at once', async () => {
    const env = { MONGODB_URL: 'mongodb:/somebody:topsecret@h', MONGODB_DATABASE: 'a b', SCHEMA_ALLOW_SHARDED: 'yes' };
    const ended = await project.schema(['deploy', '--embedded'], env);
    expect(ended.exitCode).toBe(64);
    for (const name of Object.keys(env)) expect(ended.stderr).toContain(`\n  ${name} `);
    expectNoCredentials(ended);
  });

  it('refuses an embedded server in production', async () => {
    const { exitCode, stderr } = await project.schema(['deploy', '--embedded'], { NODE_ENV: 'production' });
    expect(exitCode).toBe(64);
    expect(stderr).toContain('--embedded is refused while NODE_ENV is production');
  });
});

describe('No credentials are told', () => {
  it.each([
    ['a host that does not answer', 'mongodb://somebody:top%40secret@127.0.0.1:1/?serverSelectionTimeoutMS=50', 1],
    ['a host that does not exist', 'mongodb://somebody:topsecret@nowhere.invalid/?serverSelectionTimeoutMS=50', 1],
    ['a password that is not encoded', 'mongodb://somebody:top@secret@127.0.0.1/', 64],
    ['a URL without its host', 'mongodb://somebody:topsecret', 64],
    ['an unknown option', 'mongodb://somebody:topsecret@127.0.0.1/?nonsense=1', 64],
  ])('for %s', async (_title, url, exitCode) => {
    const ended = await project.schema(['deploy', '--json'], { MONGODB_URL: url });
    expect(ended.exitCode).toBe(exitCode);
    expect(ended.stderr).toMatch(/^error /);
    const { error } = JSON.parse(ended.stdout) as { error: { code: string; message: string } };
    expect(error.code).toBe(exitCode === 64 ? 'USAGE' : 'FAILED');
    expect(ended.stderr).toContain(error.message);
    expectNoCredentials(ended);
  });

  it('when the server refuses them', async () => {
    const url = serverUrl((refused) => {
      refused.username = 'somebody';
      refused.password = 'top%40secret';
    });
    const ended = await project.schema(['deploy'], { MONGODB_URL: url });
    expect(ended.exitCode).toBe(1);
    expect(ended.stderr).toContain('Authentication failed');
    expectNoCredentials(ended);
  });
});
