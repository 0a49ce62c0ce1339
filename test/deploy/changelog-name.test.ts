import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { checkHealth } from '../../src/health';
import { backup, restore, verifyBackup } from '../../src/backup';
import { deploy } from '../../src/deploy';
import { temporaryFolder } from '../backup/support';
import { useDatabase, withDatabase } from '../support/database';
import { documentOf, runSchema, serverEnvironment } from '../support/schema-command';
import { makeSmallProject, type SmallProject } from '../support/small-project';

const database = useDatabase();
let project: SmallProject;
beforeAll(async () => {
  project = await makeSmallProject({ users: "createCollections('users')", projects: "createCollections('projects')" });
});
afterAll(() => project.remove());
beforeEach(() => database.db.dropDatabase());

const named = { MONGODB_CHANGELOG: 'releases' };
const schema = (args: readonly string[], env: Record<string, string> = {}) =>
  runSchema(project, args, { ...serverEnvironment(database.name), ...env });
const rowsOf = async (name: string) =>
  (await database.db.collection(name).find().sort({ fileName: 1 }).toArray()).map(({ fileName }) => fileName as string);
/** What an application keeps in a collection that is called as the changelog is. */
const keepNews = () =>
  database.db.collection('changelog').insertMany([{ title: 'secret news', text: 'a' }, { title: 'b' }]);

describe('A changelog by another name', () => {
  it('is what every verb works with, beside a collection of the usual name that an application keeps', async () => {
    await keepNews();
    await database.db.collection('changelog').createIndex({ title: 1 });
    const run = async (expected: number, ...args: string[]) => {
      const ended = await schema(args, named);
      expect(ended.exitCode, `${args.join(' ')}: ${ended.stderr}`).toBe(expected);
      return ended;
    };
    // What is there may mean that it is the wrong database.
    expect((await run(1, 'deploy')).stderr).toContain('it holds changelog');
    await run(2, 'status');
    await run(0, 'deploy', '--adopt');
    expect(await rowsOf('releases')).toEqual(project.names);
    await run(0, 'status');
    await run(0, 'drift', '--json');
    await run(0, 'plan');
    expect(documentOf(await run(0, 'health', '--once', '--json'))).toMatchObject({ pending_migrations: 0 });
    await run(0, 'deploy', '--strict');
    await run(0, 'rollback', '--steps', '1', '--yes');
    expect(await rowsOf('releases')).toEqual(project.names.slice(0, 1));
    expect(documentOf(await run(1, 'health', '--once', '--json'))).toMatchObject({ pending_migrations: 1 });
    await run(0, 'deploy', '--strict');
    await database.db.collection('releases').drop();
    await database.db.collection('schema_history').drop();
    await run(0, 'baseline');
    expect(await rowsOf('releases')).toEqual(project.names);
    expect(await database.db.collection('changelog').countDocuments()).toBe(2);
    expect(await database.db.collection('changelog').indexes()).toHaveLength(2);
  });

  it('is looked at by a probe that is told its name, with a handle of any client', async () => {
    await deploy({ url: database.url, database: database.name, folder: project.folder, changelog: 'releases' });
    const health = await checkHealth(database.db, { folder: project.folder, changelog: 'releases' });
    expect(health).toMatchObject({ healthy: true, pending_migrations: 0 });
    expect(await checkHealth(database.db, { folder: project.folder })).toMatchObject({ pending_migrations: 2 });
  });

  it('cannot have the name of what a migration makes', async () => {
    for (const name of ['users', 'projects']) {
      const { exitCode, stderr } = await schema(['deploy'], { MONGODB_CHANGELOG: name });
      expect(exitCode).toBe(1);
      expect(stderr).toMatch(new RegExp(`changes the collection ${name} \\(MIGRATION\\)`));
      expect(stderr).toContain('MONGODB_CHANGELOG names it');
    }
  });

  it('is in a backup, which restores where it has the same name', async () => {
    const target = {
      url: database.url,
      database: database.name,
      changelog: 'releases',
      env: process.env,
      container: '',
    };
    await deploy({ ...target, folder: project.folder });
    const folder = await temporaryFolder();
    const { file } = await backup({ ...target, folder });
    await verifyBackup({ file, url: database.url, container: '', env: process.env });
    await withDatabase(async ({ name }) => {
      const into = { ...target, database: name, isNamed: true, file, migrations: project.folder };
      const confirm = () => Promise.resolve(true);
      await expect(restore({ ...into, changelog: undefined, confirm })).rejects.toMatchObject({
        code: 'BACKUP',
        why: [
          'the changelog of the backup is the collection releases, but the changelog of this database is changelog',
        ],
        fix: 'restore the file with MONGODB_CHANGELOG=releases',
      });
      expect(await restore({ ...into, confirm })).toMatchObject({ pending: [], broken: [] });
    });
  });
});

describe('A collection of the name of the changelog that is none', () => {
  it.each([
    ['deploy', 1],
    ['deploy --adopt', 1],
    ['deploy --dry-run', 1],
    ['status', 1],
    ['plan', 1],
    ['drift', 1],
    ['baseline', 1],
    ['rollback --steps 1 --yes', 1],
  ])('is told by %s, with how to go on, and is left as it is', async (command, expected) => {
    await keepNews();
    const { exitCode, stderr } = await schema(command.split(' '));
    expect(exitCode).toBe(expected);
    expect(stderr).toContain(
      `The collection changelog of ${database.name} is not a changelog of migrations, so nothing was changed (FOREIGN_DATABASE)`,
    );
    expect(stderr).toMatch(
      /why {4}it holds 2 documents, none with a fileName\n {9}one document has the fields title, text\n/,
    );
    expect(stderr).toMatch(/fix {4}.*MONGODB_CHANGELOG/);
    expect(stderr).not.toContain('secret');
    expect((await database.db.collection('changelog').indexes()).map(({ name }) => name)).toEqual(['_id_']);
    expect(await database.db.collection('schema_history').countDocuments()).toBe(0);
  });
});

describe('The name of the changelog', () => {
  it.each([
    ['system.users', 'names that start with "system." belong to the server'],
    ['.a', 'it starts with a dot'],
    ['a$b', 'it contains "$" or a null character'],
    ['schema_history', 'the migrations keep other records in it'],
    ['schema_lock', 'the migrations keep other records in it'],
    ['schema', 'the migrations keep other records in it'],
  ])('cannot be %s', async (name, why) => {
    const { exitCode, stderr } = await schema(['status'], { MONGODB_CHANGELOG: name });
    expect(exitCode).toBe(64);
    expect(stderr).toContain(`MONGODB_CHANGELOG is not a valid collection name: ${why}`);
  });
});
