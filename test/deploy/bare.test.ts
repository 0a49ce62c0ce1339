import { MongoClient } from 'mongodb';
import { afterEach, beforeEach, describe, expect, inject, it, vi } from 'vitest';
import { status } from '../../src/deploy';
import { recordApplied, removeApplied, readLease } from '../../src/history';
import { findMigrations, loadMigrations } from '../../src/project';
import { type Migration } from '../../src/migration';
import { code, emails, projects, rejection, useSmallHistory, users } from './small-history';

const history = useSmallHistory();

// A bare run takes its lease where the environment points to.
beforeEach(() => vi.stubEnv('MONGODB_URL', inject('mongodb').url));
afterEach(() => vi.unstubAllEnvs());

function load(name: string): Migration {
  const found = loadMigrations(findMigrations(history.folder)).find((migration) => migration.name === name);
  return found ?? expect.fail(`there is no ${name}`);
}

/** What migrate-mongo does: the migration's own function, and then the row. */
async function bareUp(name: string): Promise<void> {
  await load(name).up(history.db);
  await recordApplied(history.db, name, 1);
}
async function bareDown(name: string): Promise<void> {
  await load(name).down(history.db);
  await removeApplied(history.db, name);
}

async function expectRefused(run: Promise<unknown>, ...says: string[]): Promise<void> {
  const contents = await history.contents();
  const error = await rejection(run);
  expect(error.code).toBe('HISTORY');
  for (const text of says) expect(error.message).toContain(text);
  expect(await history.contents()).toEqual(contents);
}

describe('The functions that migrate-mongo calls', () => {
  it('mix with deploy and rollback on one database', async () => {
    await bareUp(users);
    expect((await history.deploy({ to: emails })).applied.map(({ name }) => name)).toEqual([emails]);
    await bareUp(projects);
    expect(await history.deploy({ strict: true })).toMatchObject({ applied: [] });
    expect((await history.rollback({ steps: 1 })).applied).toEqual([users, emails]);
    await bareDown(emails);
    expect((await status(history.target)).migrations.map(({ state }) => state)).toEqual([
      'applied',
      'pending',
      'pending',
    ]);
    await history.deploy();
    expect(await history.recorded()).toEqual([users, emails, projects]);
  });

  it('undo nothing while a later migration has failed halfway', async () => {
    const failing = '20260104000000-failing.ts';
    await history.write(
      failing,
      `${code.index('users', 'name')}, run('fail', { isDone: () => Promise.resolve(false), run: () => Promise.reject(new TypeError('it fails')), undo: 'nothing to undo' })`,
    );
    await history.deploy().catch(() => undefined);
    await expectRefused(
      bareDown(projects),
      `an attempt to apply ${failing} did not finish`,
      '`schema rollback --steps 1`',
    );
    await history.rollback({ steps: 1 });
    await bareDown(projects);
  });

  it('set no TTL that deletes documents at once, unless the environment names the migration', async () => {
    await history.write(emails, code.index('users', 'seen', 'expireAfterSeconds: 60'));
    await bareUp(users);
    await history.db.collection('users').insertOne({ seen: new Date(0) });
    const error = await rejection(bareUp(emails));
    expect(error.code).toBe('DATA_LOSS');
    expect(error.message).toContain(`SCHEMA_ALLOW_DATA_LOSS=${emails}`);
    expect(await history.recorded()).toEqual([users]);
    vi.stubEnv('SCHEMA_ALLOW_DATA_LOSS', emails);
    await bareUp(emails);
    expect(await history.recorded()).toEqual([users, emails]);
  });

  it('leave a history that status and history can read', async () => {
    await bareUp(users);
    expect(await history.told()).toEqual([`started up ${users}`, `finished up ${users}`]);
    const [first] = (await status(history.target)).migrations;
    expect(first).toMatchObject({ state: 'applied', applied: { pid: process.pid, direction: 'up' } });
  });

  it('leave the lease to whoever sees the row come', async () => {
    await load(users).up(history.db);
    expect(await readLease(history.db)).toMatchObject({ recording: { migration: users, direction: 'up' } });
    expect((await rejection(history.deploy({ lockTimeout: 0 }))).code).toBe('LOCKED');
    await recordApplied(history.db, users, 1);
    expect((await history.deploy({ lockTimeout: 0 })).applied.map(({ name }) => name)).toEqual([emails, projects]);
  });

  it('refuse to go up when an earlier one is not recorded', async () => {
    await expectRefused(
      load(emails).up(history.db),
      `${emails} cannot go up, so nothing was changed`,
      `the earlier ${users} is not applied`,
    );
  });

  it('refuse to go up when somebody was faster, and say who', async () => {
    await history.deploy();
    const { migrations } = await status(history.target);
    const { user, host, pid, at } = migrations[0]?.applied ?? expect.fail('it is not applied');
    const who = `by ${user} on ${host} (pid ${pid}), ${at.toISOString()}`;
    await expectRefused(
      load(users).up(history.db),
      `${users} was applied in the meantime, so nothing was changed`,
      `it was applied ${who}`,
    );
  });

  it('refuse to go down when a later one is applied', async () => {
    await history.deploy();
    await expectRefused(load(users).down(history.db), `${users} cannot go down`, emails, projects, 'still applied');
  });

  it('refuse to go down when somebody was faster', async () => {
    await expectRefused(load(users).down(history.db), `${users} was rolled back in the meantime`);
  });

  it('refuse to go up while the history is broken, but go down what was edited', async () => {
    await history.deploy({ to: emails });
    await history.write(emails, code.index('users', 'email', 'unique: true'), '// A word more.\n');
    await expectRefused(load(projects).up(history.db), `${emails} is edited`);
    await bareDown(emails);
    await bareUp(emails);
    await bareUp(projects);
    expect(await status(history.target)).toMatchObject({ broken: 0, pending: 0 });
  });

  it('refuse a database on other hosts than MONGODB_URL names', async () => {
    vi.stubEnv('MONGODB_URL', 'mongodb://elsewhere.example.com:27018');
    const error = await rejection(load(users).up(history.db));
    expect(error.code).toBe('USAGE');
    expect(error.message).toMatch(
      /works on \S+:\d+, but MONGODB_URL names elsewhere\.example\.com:27018, where the lease/,
    );
    expect(await history.contents()).toEqual({});
  });

  it('take a database on the same hosts for the same, whatever the other options of its connection string', async () => {
    const url = new URL(inject('mongodb').url.replace('mongodb:', 'http:'));
    url.searchParams.set('appName', 'somebody-else');
    const client = await new MongoClient(url.toString().replace('http:', 'mongodb:')).connect();
    try {
      await load(users).up(client.db(history.name));
    } finally {
      await client.close();
    }
    expect(await history.told()).toEqual([`started up ${users}`, `finished up ${users}`]);
  });
});
