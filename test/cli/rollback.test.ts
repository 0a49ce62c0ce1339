import { PassThrough } from 'node:stream';
import { beforeEach, describe, expect, it } from 'vitest';
import { product } from '../../product';
import { run } from '../../src/cli/run';
import { Collected, serverEnvironment } from '../support/schema-command';
import { json, useSmallCommandLine } from './small-command-line';

const cli = useSmallCommandLine();
const recorded = async () =>
  (await cli.db.collection('changelog').find().sort({ fileName: 1 }).toArray()).map(({ fileName }) => String(fileName));

beforeEach(async () => {
  await cli.schema('deploy');
});

describe('rollback', () => {
  it('where nobody can be asked ends 64 with the fix, and touches nothing', async () => {
    const error = {
      code: 'USAGE',
      summary: 'There is no terminal on which to ask whether to roll back, so nothing was changed',
      fix: 'add --yes',
    };
    expect(await json(cli.schema('rollback', '--steps', '1', '--json'), 64)).toMatchObject({ error });
    expect(await recorded()).toEqual([cli.users, cli.emails]);
  });

  it('--dry-run shows what would be done, ends 2, and writes nothing', async () => {
    await cli.db.collection('users').insertOne({});
    expect(await json(cli.schema('rollback', '--steps', '2', '--dry-run', '--json'), 2)).toMatchObject({
      toRollBack: [
        { name: cli.emails, isUnfinished: false, obstacles: [], changes: [{ verdict: 'pending' }] },
        { name: cli.users, changes: [{ findings: [{ kind: 'documents to lose', count: 1 }] }] },
      ],
      applied: [],
    });
    const { stdout } = await cli.schema('rollback', '--steps', '2', '--dry-run');
    expect(stdout).toContain(`${cli.emails}\n  would    drop index users.email_1\n`);
    expect(stdout).toContain('BLOCKED unless rollback gets --allow-data-loss: ');
    expect(stdout).toMatch(/\n2 migrations to roll back; 0 stay applied\.\n$/);
    expect(await recorded()).toEqual([cli.users, cli.emails]);
  });

  it('--dry-run ends 0 when nothing would be done', async () => {
    const ended = await cli.schema('rollback', '--to', 'emails', '--dry-run');
    expect(ended).toMatchObject({ exitCode: 0, stdout: 'There is nothing to roll back.\n' });
  });

  describe('on a terminal', () => {
    async function answer(text: string, ...args: string[]) {
      const stdin = Object.assign(new PassThrough(), { isTTY: true });
      const stderr = Object.assign(new Collected(), { isTTY: true });
      const stdout = new Collected();
      stdin.write(`${text}\n`);
      const argv = ['rollback', '--steps', '1', '--migrations', cli.folder, ...args];
      const exitCode = await run(argv, { stdin, stdout, stderr }, serverEnvironment(cli.db.databaseName), product);
      return { exitCode, stdout: stdout.text, stderr: stderr.text };
    }

    it('shows what would be done and asks for the name of the database', async () => {
      const { exitCode, stdout, stderr } = await answer(cli.db.databaseName);
      expect(stderr).toContain('drop index users.email_1');
      expect(stderr).toContain('Type the name of the database to roll them back: ');
      expect(stdout).toContain('1 migration rolled back, 1 still applied.');
      expect(exitCode).toBe(0);
      expect(await recorded()).toEqual([cli.users]);
    });

    it('does nothing without it', async () => {
      const { exitCode, stderr } = await answer('yes');
      expect(exitCode).toBe(1);
      expect(stderr).toContain('Nothing was rolled back (ABORTED)');
      expect(await recorded()).toEqual([cli.users, cli.emails]);
    });

    it('does not ask when --yes is said', async () => {
      const { exitCode, stderr } = await answer('', '--yes');
      expect(exitCode).toBe(0);
      expect(stderr).not.toContain('Type the name');
    });
  });
});

describe('Control characters that come from the database', () => {
  const evil = 'evil\u001b[2J\u009b1m\u202e\u2028\rname\u0007';
  // Line ends are the program's own. JSON escapes by itself what stands in a text.
  // eslint-disable-next-line no-control-regex
  const raw = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028-\u202e]/;

  beforeEach(async () => {
    const history = cli.db.collection('schema_history');
    const event = { user: evil, host: `${evil}\nFAKE`, reason: evil, error: evil, commit: evil, direction: 'up' };
    await history.insertOne({ ...event, type: 'failed', migration: cli.emails, attempt: 'x', token: 90, sequence: 1 });
    await history.insertOne({ ...event, type: evil, migration: evil, attempt: evil, token: 90, sequence: 2 });
    await cli.db.collection('changelog').insertOne({ fileName: evil });
    await cli.db.createCollection(evil);
    await cli.db.collection('users').createIndex({ a: 1 }, { name: evil }, {});
    const owner = { id: 'x', purpose: evil, user: evil, host: `${evil}\nFAKE`, pid: 1 };
    const expires_at = new Date(Date.now() + 60_000);
    await cli.db
      .collection<{ _id: string }>('schema_lock')
      .updateOne({ _id: 'lease' }, { $set: { owner, taken_at: new Date(), expires_at } });
  });

  it.each([
    [['status']],
    [['history']],
    [['drift']],
    [['unlock']],
    [['plan']],
    [['deploy', '--lock-timeout', '0']],
    [['rollback', '--steps', '1', '--dry-run']],
    [['diff', 'snapshot', 'live']],
    [['accept', '--migration', 'evil', '--reason', evil, '--lock-timeout', '0']],
  ])('are never printed as they are by %j, with and without --json', async (args) => {
    for (const more of [[], ['--json']]) {
      const { stdout, stderr } = await cli.schema(...args, ...more);
      expect(`${stdout}${stderr}`).not.toMatch(raw);
      expect(`${stdout}${stderr}`.split('\n')).not.toContain('FAKE');
      if (more.length > 0 && stdout !== '') expect(() => JSON.parse(stdout) as unknown).not.toThrow();
    }
  });

  it('are still told apart: they are escaped', async () => {
    expect((await cli.schema('drift')).stdout).toContain('evil\\u001b[2J');
    expect((await cli.schema('unlock')).stdout).toContain('\\u000aFAKE');
  });
});
