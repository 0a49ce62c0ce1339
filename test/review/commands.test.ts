import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { deploy } from '../../src/deploy';
import { useDatabase } from '../support/database';
import { fixture } from '../support/fixture';
import { runSchema, serverEnvironment } from '../support/schema-command';

const database = useDatabase();
beforeAll(() => deploy({ url: database.url, database: database.name, folder: fixture.folder }));

const schema = (...args: string[]) => runSchema(fixture, args);
const onServer = (...args: string[]) => runSchema(fixture, args, serverEnvironment(database.name));

/** Drops the index on the emails of users by hand, until the test ends. */
async function dropEmailIndex(): Promise<void> {
  const users = database.db.collection('users');
  await users.dropIndex('email_1');
  onTestFinished(async () => {
    await users.createIndex({ email: 1 }, { name: 'email_1', unique: true }, {});
  });
}

describe('drift', () => {
  it('ends 0 without drift, and says what it compared with', async () => {
    const { exitCode, stdout } = await onServer('drift');
    expect({ exitCode, stdout }).toEqual({
      exitCode: 0,
      stdout: 'No drift: the database matches its migrations, up to 20260101000600-presets.ts.\n',
    });
  });

  it('ends 0 for notices, and 2 for them with --strict', async () => {
    await database.db.createCollection('metrics', { timeseries: { timeField: 'at' } });
    expect(await onServer('drift')).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('1 notice.') as string,
    });
    expect(await onServer('drift', '--strict')).toMatchObject({ exitCode: 2 });
    await database.db.collection('metrics').drop();
  });

  it('ends 2 with drift, and prints one JSON document with --json', async () => {
    await dropEmailIndex();
    const { exitCode, stdout } = await onServer('drift', '--json');
    expect(exitCode).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({
      server: { database: database.name },
      drift: 1,
      notices: 0,
      findings: [
        { kind: 'index missing', place: 'index users.email_1', migration: '20260101000100-account_indexes.ts' },
      ],
    });
  });

  it('ends 64 without a server', async () => {
    expect(await schema('drift')).toMatchObject({ exitCode: 64, stdout: '' });
  });
});

describe('diff', () => {
  it('compares points of history in either direction, without a server', async () => {
    const there = await schema('diff', 'content_indexes', 'ttls');
    expect(there).toMatchObject({ exitCode: 0, stderr: '' });
    expect(there.stdout).toContain('+ index webhook_deliveries.created_at_1');
    const back = await schema('diff', 'ttls', 'content_indexes');
    expect(back.stdout).toContain('- index webhook_deliveries.created_at_1');
    const whole = await schema('diff', 'empty');
    expect(whole.stdout).toContain('to   20260101000600-presets.ts');
  });

  it('compares a point with the server in either direction', async () => {
    await dropEmailIndex();
    const { exitCode, stdout } = await onServer('diff', 'live', 'head', '--json');
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      from: { point: 'live' },
      to: { point: '20260101000600-presets.ts' },
      changes: [{ sign: '+', place: 'index users.email_1' }],
    });
    expect((await onServer('diff', 'head', 'live')).stdout).toContain('- index users.email_1');
  });

  it('writes markdown', async () => {
    const { stdout } = await schema('diff', 'content_indexes', 'ttls', '--format', 'markdown');
    expect(stdout).toMatch(/^### `20260101000300-content_indexes\.ts` → `20260101000400-ttls\.ts`\n/);
  });

  it('ends 2 for a difference when --exit-code asks for that', async () => {
    expect(await schema('diff', 'empty', 'head', '--exit-code')).toMatchObject({ exitCode: 2 });
    expect(await schema('diff', 'head', 'head', '--exit-code')).toMatchObject({ exitCode: 0 });
  });

  it.each([
    ['a migration that is none', ['diff', 'frobnicate'], 'There is no migration "frobnicate"'],
    ['a part that several have', ['diff', 'indexes'], 'Several migrations match "indexes"'],
    ['an unknown format', ['diff', 'empty', '--format', 'xml'], 'Allowed choices are text, json, markdown'],
    ['the server, when none is named', ['diff', 'live'], 'MONGODB_URL is not set'],
    ['nothing to compare', ['diff'], "Missing required argument 'from' (USAGE)"],
  ])('ends 64 for %s', async (_title, args, message) => {
    const { exitCode, stdout, stderr } = await schema(...args);
    expect({ exitCode, stdout }).toEqual({ exitCode: 64, stdout: '' });
    expect(stderr).toContain(message);
  });
});
