import { beforeEach, describe, expect, inject, it } from 'vitest';
import { isLocal } from '../../src/database';
import { MongoUrl } from '../../src/support/mongo-url';
import { useSmallCommandLine } from './small-command-line';

const cli = useSmallCommandLine();
const names = async () => (await cli.db.listCollections({}, { nameOnly: true }).toArray()).map(({ name }) => name);

/** The test server, by a name that does not say that it is on this machine: 127.0.0.1 as one number. */
function elsewhere(): Record<string, string> {
  const [, port = ''] = new MongoUrl(inject('mongodb').url).hosts[0]?.split(':') ?? [];
  return { MONGODB_URL: `mongodb://2130706433:${port}/?directConnection=true` };
}

beforeEach(async () => {
  expect(await cli.schema('deploy')).toMatchObject({ exitCode: 0 });
});

describe('schema reset', () => {
  it('drops the database, so that a deploy begins anew', async () => {
    await cli.db.collection('users').insertOne({});
    const { exitCode, stdout } = await cli.schema('reset');
    expect({ exitCode, stdout }).toEqual({
      exitCode: 0,
      stdout: expect.stringContaining(`Dropped ${cli.db.databaseName}`) as string,
    });
    expect(await names()).toEqual([]);
    expect((await cli.schema('deploy')).stdout).toContain('2 migrations applied.');
  });

  it('leaves a database with a collection that no migration makes, until it is named', async () => {
    await cli.db.createCollection('orders');
    const { exitCode, stderr } = await cli.schema('reset');
    expect(exitCode).toBe(1);
    expect(stderr).toContain('it holds orders\n');
    expect(stderr).toContain(`\`reset --database ${cli.db.databaseName}\``);
    expect(await names()).toEqual(expect.arrayContaining(['orders', 'users']));
    expect(await cli.schema('reset', '--database', cli.db.databaseName)).toMatchObject({ exitCode: 0 });
    expect(await names()).toEqual([]);
  });

  it('waits for no run that is at work: it is refused', async () => {
    await cli.holdLease();
    expect(await cli.schema('reset')).toMatchObject({ exitCode: 3, stdout: '' });
    expect(await names()).toContain('users');
  });

  it.each(['reset', 'redo'])('is for this machine: elsewhere, %s wants the database named', async (verb) => {
    const { exitCode, stderr } = await cli.schemaWith(elsewhere(), verb);
    expect(exitCode).toBe(64);
    expect(stderr).toContain('is not on this machine, so nothing was changed');
    expect(stderr).toContain(`give its name: \`${verb} --database ${cli.db.databaseName}\``);
    expect(await names()).toContain('users');
    const named = await cli.schemaWith(elsewhere(), verb, '--database', cli.db.databaseName);
    expect(named.exitCode, named.stderr).toBe(0);
  });
});

describe('A server is on this machine', () => {
  it.each([
    ['mongodb://localhost/', true],
    ['mongodb://127.0.0.1:27018,[::1]:27019/', true],
    ['mongodb://u:p@localhost/', true],
    ['mongodb://localhost,db.example.com/', false],
    ['mongodb://localhost.example.com/', false],
    ['mongodb://10.0.0.7/', false],
  ])('by its name: %s, %s', async (url, expected) => {
    expect(await isLocal(new MongoUrl(url), cli.db)).toBe(expected);
  });
});
