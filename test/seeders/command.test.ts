import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { useDatabase, withDatabase } from '../support/database';
import { deployProduct, productFolder } from '../support/product';
import { startSchema } from '../support/running-command';
import { runSchema, serverEnvironment } from '../support/schema-command';

const database = useDatabase();
const product = { folder: productFolder };
beforeAll(() => deployProduct(database));

const few = ['--users', '2', '--projects', '1', '--results', '5'];
/** --force: the tests' server may be in a container. */
const seed = (args: readonly string[], env: Record<string, string> = serverEnvironment(database.name)) =>
  runSchema(product, ['seed', ...args], env);
const forced = (...args: string[]) => seed(['--force', ...args]);

describe('The command seed', () => {
  it('fills, says that nothing is left to do, and removes, each as one JSON document or as a table', async () => {
    const first = await forced(...few, '--json');
    expect(first.exitCode, first.stderr).toBe(0);
    const report = JSON.parse(first.stdout) as { added: number; collections: object };
    expect(report).toMatchObject({
      server: { database: database.name, version: inject('mongodb').version },
      seed: 1,
      present: 0,
      collections: { users: { added: 2, present: 0 }, results: { added: 10, present: 0 } },
      logins: [
        { email: 'testuser0@example.com', password: 'password123', role: 'admin' },
        { email: 'testuser1@example.com', password: 'password123', role: 'user' },
      ],
    });
    expect(await database.db.collection('results').countDocuments()).toBe(10);

    const second = await forced(...few);
    expect(second.exitCode).toBe(0);
    expect(second.stdout).toMatch(/^results +0 +10$/m);
    expect(second.stdout).toContain('Nothing was added: all documents of seed 1 already exist.');

    const cleared = await forced('--clear', '--json');
    expect(cleared.exitCode).toBe(0);
    expect(JSON.parse(cleared.stdout)).toMatchObject({ removed: report.added, keptAccounts: false });
    expect(await database.db.collection('users').countDocuments()).toBe(0);
  });

  it('takes the server from the command line, and never shows its password', async () => {
    const { url } = inject('mongodb');
    const env = { MONGODB_URL: 'mongodb://127.0.0.1:1', MONGODB_DATABASE: 'another' };
    const taken = await seed(['--force', '--mongodb-url', url, '--database', database.name, '--clear', '--json'], env);
    expect(taken.exitCode, taken.stderr).toBe(0);
    expect(taken.stdout).toContain('"how": "--mongodb-url"');

    const secret = "mongodb://somebody:a'hunter2@127.0.0.1:1/?serverSelectionTimeoutMS=200";
    const shown = await Promise.all([
      seed(['--mongodb-url', secret], {}),
      seed([`--mongodb-ur=${secret}`], {}),
      seed(['--json', secret], {}),
    ]);
    expect(shown.map(({ exitCode }) => exitCode)).toEqual([1, 64, 64]);
    for (const { stdout, stderr } of shown) expect(stdout + stderr).not.toContain('hunter2');
  });

  it.runIf(process.platform === 'linux')('does not leave the connection string in the list of processes', async () => {
    const secret = 'mongodb://somebody:hunter2@127.0.0.1:1/?serverSelectionTimeoutMS=20000';
    const { pid } = startSchema(product, {}, ['seed', '--mongodb-url', secret]);
    const line = () => readFile(`/proc/${pid}/cmdline`, 'utf8');
    await expect.poll(line, { timeout: 30_000 }).toMatch(/^schema\0*$/);
  });
});

describe('The command seed refuses', () => {
  it.each([
    [['--users', '0'], 'users must be a whole number from 1 to 65536'],
    [['--results', '1e3'], 'whole number'],
    [['--reslts', '5'], 'did you mean --results?'],
    [['--now', '2026-02-31'], 'Give a day such as'],
    [['--now', '2126-01-01'], 'in the future'],
    [['--mongodb-url', ''], 'It is empty'],
  ])('%j', async (args, message) => {
    const { exitCode, stderr } = await forced(...args);
    expect(exitCode).toBe(64);
    expect(stderr).toContain(message);
  });

  it.each([[], ['--clear']])('what looks like production, before it connects: %j', async (...args) => {
    const { exitCode, stderr } = await seed(args, { MONGODB_URL: 'mongodb://db.example.com/studio' });
    expect(exitCode).toBe(64);
    expect(stderr).toContain('Nothing was changed: this looks like production');
    expect(stderr).toMatch(
      /why +the server is not on this machine\n +fix +if this is not a production database, pass --force/,
    );
  });

  it('a database whose migrations are pending, and names the command', async () => {
    await withDatabase(async ({ db, name }) => {
      const { exitCode, stdout } = await seed(['--force', '--json'], serverEnvironment(name));
      expect(exitCode).toBe(1);
      expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'PENDING' } });
      expect(stdout).toContain('apply them with `npm run deploy`');
      expect(await db.listCollections().toArray()).toEqual([]);
    });
  });
});
