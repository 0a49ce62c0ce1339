import { hostname, userInfo } from 'node:os';
import { describe, expect, it } from 'vitest';
import { json, useSmallCommandLine } from './small-command-line';

const cli = useSmallCommandLine();

describe('deploy', () => {
  it('ends 2 in a dry run with something pending, and 0 with nothing', async () => {
    const dry = await cli.schema('deploy', '--dry-run');
    expect(dry).toMatchObject({
      exitCode: 2,
      stdout: [cli.users, cli.emails].map((name) => `pending  ${name}\n`).join(''),
    });
    expect(await json(cli.schema('deploy', '--dry-run', '--json'), 2)).toMatchObject({
      pending: [cli.users, cli.emails],
    });
    expect(await cli.db.listCollections().toArray()).toEqual([]);
    await cli.schema('deploy');
    expect(await cli.schema('deploy', '--dry-run')).toMatchObject({ exitCode: 0, stdout: 'Nothing is pending.\n' });
  });

  it('ends 3 while another run holds the lease, and names it', async () => {
    await cli.holdLease();
    const { exitCode, stdout, stderr } = await cli.schema('deploy', '--lock-timeout', '0.3', '--json');
    expect(exitCode).toBe(3);
    expect(stderr).toMatch(/^waiting: a test by /m);
    expect(stderr).toMatch(/^✖ Another run holds the lease, and did not release it within 0\.3 s \(LOCKED\)/m);
    expect(JSON.parse(stdout)).toMatchObject({
      error: { code: 'LOCKED', summary: expect.stringMatching(/^Another run holds the lease/) as string },
    });
  });

  it('ends 4 when the history is broken, and names file, person and fix; accept is one', async () => {
    const { users } = cli;
    await cli.schema('deploy');
    await cli.edit(users);
    for (const args of [['deploy'], ['deploy', '--dry-run']]) {
      const { exitCode, stdout, stderr } = await cli.schema(...args);
      expect({ exitCode, stdout }).toEqual({ exitCode: 4, stdout: '' });
      expect(stderr).toContain(`${users} is edited: the text of this migration changed after it was applied\n`);
      expect(stderr).toContain(`by ${userInfo().username} on ${hostname()}`);
      expect(stderr).toContain(`\`accept --migration ${users} --reason "…"\``);
    }
    expect(await json(cli.schema('deploy', '--json'), 4)).toMatchObject({ error: { code: 'HISTORY' } });
    expect((await cli.schema('accept', '--migration', users)).exitCode).toBe(64);
    const accepted = await cli.schema('accept', '--migration', 'users', '--reason', 'a typo');
    expect(accepted).toMatchObject({ exitCode: 0, stdout: `Accepted ${users}, which was edited.\n` });
    expect((await cli.schema('deploy')).exitCode).toBe(0);
    expect((await cli.schema('accept', '--migration', users, '--reason', 'again')).exitCode).toBe(64);
  });

  it('ends 1 when it fails, and names what is left, also in its document', async () => {
    await cli.db.collection('users').insertMany([{ email: 'twice' }, { email: 'twice' }]);
    const { exitCode, stdout, stderr } = await cli.schema('deploy', '--adopt', '--json');
    expect(exitCode).toBe(1);
    expect(stderr).toContain(`left   ${cli.users}, ${cli.emails}\n`);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'PREFLIGHT', left: [cli.users, cli.emails] } });
  });

  it('ends 64 for a name that is none', async () => {
    const error = { code: 'USAGE', summary: expect.stringContaining('There is no migration "elephants"') as string };
    expect(await json(cli.schema('deploy', '--to', 'elephants', '--json'), 64)).toMatchObject({ error });
  });
});

describe('rollback', () => {
  it('undoes, says so line by line, and sums up', async () => {
    const { users, emails } = cli;
    await cli.schema('deploy');
    const { exitCode, stdout } = await cli.schema('rollback', '--to', 'users', '--yes');
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(
      new RegExp(`^rolled back  ${emails}  1 change  [\\d.]+ m?s\n1 migration rolled back, 1 still applied\\.\n$`),
    );
    expect(await json(cli.schema('rollback', '--steps', '1', '--yes', '--json'))).toMatchObject({
      rolledBack: [{ name: users, direction: 'down' }],
      applied: [],
    });
  });

  it('ends 1 when documents would be lost, until that is said by name', async () => {
    await cli.schema('deploy');
    await cli.db.collection('users').insertOne({});
    const refused = await cli.schema('rollback', '--steps', '2', '--yes', '--json');
    expect(refused.exitCode).toBe(1);
    expect(JSON.parse(refused.stdout)).toMatchObject({ error: { code: 'DATA_LOSS', left: [cli.users] } });
    expect(refused.stderr).toContain(`--allow-data-loss ${cli.users}`);
    expect((await cli.schema('rollback', '--steps', '1', '--yes', '--allow-data-loss', 'users')).exitCode).toBe(0);
  });

  it.each([[[]], [['--steps', '0']], [['--steps', '1', '--to', 'users']], [['--to', 'elephants']]])(
    'ends 64 for %j',
    async (args) => {
      expect((await cli.schema('rollback', '--yes', ...args)).exitCode).toBe(64);
    },
  );
});
