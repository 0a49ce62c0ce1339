import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { takeLease } from '../../src/history';
import { useDatabase } from '../support/database';
import { makeRepository } from '../support/git-repository';
import { runSchema, serverEnvironment } from '../support/schema-command';
import { indexOn, makeSmallProject, type SmallProject } from '../support/small-project';

const database = useDatabase();
let project: SmallProject;
beforeEach(async () => {
  await database.db.dropDatabase();
  project = await makeSmallProject({
    users: "createCollections('users')",
    emails: `createIndexes('users', [${indexOn('email')}])`,
  });
});
afterEach(() => project.remove());

const schema = async (args: readonly string[], env: Record<string, string> = {}) => {
  const ended = await runSchema(project, args, { ...serverEnvironment(database.name), ...env });
  expect(ended.exitCode, ended.stderr).toBe(0);
};
/** What the history says of each event: its type, and the commit. */
const events = async () =>
  (await database.db.collection('schema_history').find().sort({ token: 1, sequence: 1 }).toArray()).map(
    ({ type, commit }) => [type, commit] as unknown[],
  );

describe('The commit in the history', () => {
  it('is, of whatever a verb records, what is checked out where the migrations lie', async () => {
    const git = await makeRepository(project.path());
    const first = await git('rev-parse', 'HEAD');
    await schema(['deploy']);
    await schema(['rollback', '--steps', '1', '--yes']);
    const [name = ''] = project.names;
    await project.write(`migrations/${name}`, `${await project.read('migrations', name)}// A word more.\n`);
    await git('commit', '--quiet', '--all', '--message', 'Edit');
    const second = await git('rev-parse', 'HEAD');
    await schema(['accept', '--migration', name, '--reason', 'a test']);
    const lease = await takeLease(database.db, { purpose: 'a test', seconds: 30, timeout: 0 });
    await schema(['unlock', '--force']);
    await lease.release();

    expect(second).not.toBe(first);
    expect(await events()).toEqual([
      ...['started', 'finished', 'started', 'finished', 'started', 'finished'].map((type) => [type, first]),
      ...['accepted', 'unlocked'].map((type) => [type, second]),
    ]);
  });

  it('is recorded by baseline as well', async () => {
    const git = await makeRepository(project.path());
    await database.db.collection('users').createIndex({ email: 1 }, { name: 'email_1' }, {});
    await schema(['baseline']);
    const commit = await git('rev-parse', 'HEAD');
    expect(await events()).toEqual([
      ['baselined', commit],
      ['baselined', commit],
    ]);
  });

  it('is the one that SCHEMA_COMMIT names, wherever the migrations lie', async () => {
    await makeRepository(project.path());
    await schema(['deploy', '--to', 'users'], { SCHEMA_COMMIT: 'abc1234' });
    expect(await events()).toEqual([
      ['started', 'abc1234'],
      ['finished', 'abc1234'],
    ]);
  });

  it('is absent in a folder without git', async () => {
    await schema(['deploy', '--to', 'users']);
    expect(await events()).toEqual([
      ['started', undefined],
      ['finished', undefined],
    ]);
  });
});
