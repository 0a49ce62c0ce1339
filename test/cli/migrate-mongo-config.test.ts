import { readdir } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { loadMigrations } from '../../src/project';
import { useDatabase } from '../support/database';
import { createMigration } from './create-migration';
import { ProjectCopy } from './project-copy';

const database = useDatabase();
let project: ProjectCopy;
beforeAll(async () => {
  project = await ProjectCopy.make();
});
afterAll(() => project.remove());

const databaseName = async (env: Record<string, string>) => {
  const script = "process.stdout.write(require('./migrate-mongo-config.js').mongodb.databaseName)";
  return (await project.run('node', ['-e', script], env)).stdout;
};

/** They start processes, most of which wait, and write nothing that another one of them reads. */
describe.concurrent('A bare migrate-mongo', () => {
  // That it compiles is checked with the sample, and in create-migration.deep.test.ts.
  it('creates a TypeScript file from the sample, and it loads once it has steps', async () => {
    const name = await createMigration(project, 'add user notes');
    expect(name).toMatch(/^\d{14}-add_user_notes\.ts$/);
    expect(await project.read('migrations', name)).toBe(await project.read('migrations', 'sample-migration.ts'));
    const file = project.path('migrations', name);
    expect(() => loadMigrations([file])).toThrow(`${name} does nothing`);
    const text = (await project.read('migrations', name))
      .replace('import { migration }', 'import { createCollections, migration }')
      .replace('  // Steps', "  createCollections('notes'), // Steps");
    await project.write(`migrations/${name}`, text);
    expect(loadMigrations([file])).toMatchObject([{ name, changes: [{ place: { collection: 'notes' } }] }]);
  });

  it.each([
    ['that MONGODB_DATABASE names', { MONGODB_URL: 'mongodb://h/of_url', MONGODB_DATABASE: 'named' }, 'named'],
    ['in the path of MONGODB_URL, when nothing else names one', { MONGODB_URL: 'mongodb://h/of_url' }, 'of_url'],
    ['of the product, when nothing names one', {}, 'sentimatrix_studio'],
  ])('works on the database %s', async (_title, env, expected) => {
    expect(await databaseName(env)).toBe(expected);
  });

  it('tells everything that is wrong with its environment at once, without the password', async () => {
    const env = { MONGODB_URL: 'mongodb:/u:topsecret@h', MONGODB_DATABASE: 'a b', SCHEMA_ALLOW_SHARDED: 'yes' };
    const { exitCode, stdout, stderr } = await project.migrateMongo(['status'], env);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    expect(stderr).toContain('ERROR: The environment is invalid, so nothing was started (USAGE)');
    for (const name of Object.keys(env)) expect(stderr).toMatch(new RegExp(`^ {2}(?:why| {3}) {4}${name} `, 'm'));
    expect(stderr).not.toContain('topsecret');
  });

  it('tells no password when the server does not answer', async () => {
    const url = 'mongodb://somebody:topsecret@127.0.0.1:1/';
    const { exitCode, stdout, stderr } = await project.migrateMongo(['status'], { MONGODB_URL: url });
    expect(exitCode).toBe(1);
    expect(stderr).toContain('ECONNREFUSED');
    expect(stdout + stderr).not.toMatch(/topsecret|somebody/);
  });
});

describe('A .env file', () => {
  const appliedAt = new Date('2026-01-02T03:04:05.678Z');
  let recorded = '';
  beforeAll(async () => {
    const names = await readdir(project.path('migrations'));
    recorded = names.find((name) => /^\d{14}-/.test(name)) ?? '';
    await project.write('.env', `MONGODB_URL='${inject('mongodb').url}'\nMONGODB_DATABASE=${database.name}\n`);
    await database.db.collection('changelog').insertOne({ fileName: recorded, appliedAt });
  });

  it('configures a bare migrate-mongo', async () => {
    const { exitCode, stdout } = await project.migrateMongo(['status']);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(new RegExp(`${recorded}\\W+${appliedAt.toISOString()}`));
  });

  it('gives way to the variables that are set', async () => {
    expect(await databaseName({})).toBe(database.name);
    expect(await databaseName({ MONGODB_DATABASE: 'named' })).toBe('named');
  });

  it("configures the project's own command line, and gives way there, too", async () => {
    const read = await project.schema(['status', '--json']);
    expect(read.stderr).toContain(`MONGODB_URL, database ${database.name}\n`);

    const overridden = await project.schema(['deploy'], {
      MONGODB_URL: 'mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=300',
    });
    expect(overridden.stderr).toContain('ECONNREFUSED');
    expect(overridden.stderr).not.toContain('MONGODB_URL is not set');
  });
});
