import { hostname, userInfo } from 'node:os';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readLease, takeLease } from '../../src/history';
import { renew } from '../../src/history/lease-document';
import { runSchema, serverEnvironment, startHere } from '../support/schema-command';
import { makeSmallProject } from '../support/small-project';
import { json, useSmallCommandLine } from './small-command-line';

const cli = useSmallCommandLine();

describe('status', () => {
  it('ends 2 while migrations are pending, 0 when all are applied, 4 when one is edited', async () => {
    const { users, emails } = cli;
    const pending = await cli.schema('status');
    expect(pending.exitCode).toBe(2);
    expect(pending.stdout).toBe(
      `migration                 state    applied  by  took\n${users}   pending\n${emails}  pending\n`,
    );

    await cli.schema('deploy');
    const applied = await cli.schema('status');
    expect(applied.exitCode).toBe(0);
    const { username } = userInfo();
    expect(applied.stdout).toMatch(
      new RegExp(`^${users} +applied +\\d{4}-[\\dT:.-]+Z +${username}@${hostname()} +[\\d.]+ m?s$`, 'm'),
    );

    await cli.edit(users);
    const edited = await cli.schema('status');
    expect(edited.exitCode).toBe(4);
    expect(edited.stdout).toMatch(new RegExp(`^${users} +edited `, 'm'));
    expect(edited.stdout).toContain('`deploy --dry-run` shows what is wrong with the history, and how to fix it.');
    expect(await json(cli.schema('status', '--json'), 4)).toMatchObject({ pending: 0, broken: 1 });
  });

  it('names who is at work', async () => {
    await cli.holdLease();
    const { stdout } = await cli.schema('status');
    expect(stdout).toMatch(
      new RegExp(`A run holds the lease: a test by .* on .* \\(pid ${process.pid}\\), since \\d{4}-`),
    );
  });

  it.each([
    ['up', ['deploy'], 'deploy'],
    ['down', ['rollback', '--steps', '1', '--yes'], 'rollback'],
  ])('shows an attempt that is going on as running, with who is at it: %s', async (direction, verb, purpose) => {
    const waits =
      "async ({ db }) => { while (!(await db.collection('gate').findOne())) await new Promise((done) => setTimeout(done, 20)); }";
    const step = `run('a reason', { isDone: () => Promise.resolve(${direction === 'down'}), run: ${waits}, undo: ${waits} })`;
    const project = await makeSmallProject({ waiting: step });
    onTestFinished(() => project.remove());
    const env = serverEnvironment(cli.db.databaseName);
    if (direction === 'down') expect(await runSchema(project, ['deploy'], env)).toMatchObject({ exitCode: 0 });
    const run = startHere(project, verb, env).ended;
    const seen = () => runSchema(project, ['status'], env);
    await expect.poll(async () => (await seen()).stdout, { timeout: 10_000 }).toMatch(/ running /);
    const { exitCode, stdout } = await seen();
    await cli.db.collection('gate').insertOne({});
    await run;
    const by = `${userInfo().username} on ${hostname()} (pid ${process.pid}), since `;
    expect(exitCode).toBe(2);
    expect(stdout).toContain(`A run holds the lease: ${purpose} by ${by}`);
    expect(stdout).toContain(`${project.names[0] ?? ''} is running (${direction}): by ${by}`);
    expect((await seen()).stdout).not.toContain('running');
  });

  it('writes nothing', async () => {
    await cli.schema('status', '--json');
    expect(await cli.db.listCollections().toArray()).toEqual([]);
  });
});

describe('history', () => {
  it('shows attempts, of one migration, since a time', async () => {
    const { users, emails } = cli;
    expect(await cli.schema('history')).toMatchObject({ exitCode: 0, stdout: 'Nothing yet.\n' });
    await cli.schema('deploy');
    await cli.schema('rollback', '--steps', '1', '--yes');
    const { stdout } = await cli.schema('history');
    expect(stdout).toMatch(/^began +outcome +direction +migration +by +commit +took +note$/m);
    const lines = stdout.split('\n').slice(1, -1);
    const seen = [`finished +up +${users}`, `finished +up +${emails}`, `finished +down +${emails}`];
    for (const [at, line] of seen.entries()) expect(lines[at]).toMatch(new RegExp(`Z +${line} `));
    expect(lines).toHaveLength(3);

    const of = await json(cli.schema('history', '--migration', 'emails', '--json'));
    expect(of['attempts']).toMatchObject([
      { outcome: 'finished', events: [{ type: 'started', direction: 'up' }, { type: 'finished' }] },
      { outcome: 'finished', events: [{ type: 'started', direction: 'down' }, { type: 'finished' }] },
    ]);
    expect(await json(cli.schema('history', '--since', '2999-01-31', '--json'))).toMatchObject({ attempts: [] });
    expect(await json(cli.schema('history', '--since', 'yesterday', '--json'), 64)).toMatchObject({
      error: { code: 'USAGE' },
    });
  });
});

describe('unlock', () => {
  it('shows the holder, and clears the lease with --force, which is recorded', async () => {
    expect(await cli.schema('unlock')).toMatchObject({ exitCode: 0, stdout: 'Nobody holds the lease.\n' });
    const lease = await takeLease(cli.db, { purpose: 'a test', seconds: 30, timeout: 0 });
    const shown = await cli.schema('unlock');
    const time = '\\d{4}-[\\dT:.-]+Z';
    const times = `It was renewed last at (${time}), and expires at (${time}) unless it is renewed again`;
    const [, renewed = '', free = ''] =
      new RegExp(`^The lease is held by a test by .*\\.\n${times}\\. --force clears the lease\\.\n$`).exec(
        shown.stdout,
      ) ?? [];
    expect(Date.parse(free) - Date.parse(renewed)).toBe(30_000);
    await lease.check();

    expect((await cli.schema('unlock', '--force')).stdout).toMatch(/^Cleared the lease of a test by /);
    await expect(lease.check()).rejects.toMatchObject({ code: 'LOCKED' });
    await lease.release();
    expect(await json(cli.schema('unlock', '--force', '--json'))).toMatchObject({ isHeld: false, cleared: false });
    const reason = `cleared the lease of ${userInfo().username} on ${hostname()} (pid ${process.pid}), token 1`;
    expect((await cli.schema('history')).stdout).toMatch(new RegExp(` unlocked .*${reason.replace(/[()]/g, '\\$&')}`));
    expect((await cli.schema('deploy')).exitCode).toBe(0);
  });
});

describe('unlock of a lease that was renewed', () => {
  it('shows when that was', async () => {
    const { grant } = await takeLease(cli.db, { purpose: 'a test', seconds: 30, timeout: 0 });
    const { renewed_at: taken } = (await readLease(cli.db)) ?? {};
    await new Promise((resolve) => setTimeout(resolve, 20));
    await renew(cli.db, grant, 30);
    const { renewed_at: renewed } = (await readLease(cli.db)) ?? {};
    expect(Number(renewed)).toBeGreaterThan(Number(taken));
    expect((await cli.schema('unlock')).stdout).toContain(`It was renewed last at ${renewed?.toISOString() ?? ''}, `);
  });
});

describe('baseline', () => {
  it('shows what it would mark, marks it, and shows what differs', async () => {
    const { users, emails } = cli;
    await cli.db.collection('users').createIndex({ email: 1 });
    const shown = `1 migration would be marked as applied.\n\nThe database does not match ${emails}:\n  index users.email_1\n`;
    const dry = await cli.schema('baseline', '--dry-run');
    expect(dry).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining(`would mark  ${users}\n${shown}`) as string,
    });
    expect(dry.stdout).toContain(
      '    expected: {"key":{"email":1},"unique":true}\n    found:    {"key":{"email":1}}\n',
    );
    expect(await json(cli.schema('baseline', '--json'))).toMatchObject({
      marked: [users],
      stoppedAt: { migration: emails },
    });
    expect(await json(cli.schema('baseline', '--json'), 64)).toMatchObject({ error: { code: 'USAGE' } });
    expect((await cli.schema('baseline', '--up-to', 'elephants')).exitCode).toBe(64);
  });
});
