import path from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { findMigrations, loadMigrations } from '../../src/migration';
import { useDatabase } from '../support/database';
import { ProjectCopy } from './project-copy';

const database = useDatabase();
let project: ProjectCopy;
beforeAll(async () => {
  project = await ProjectCopy.make();
});
afterAll(() => project.remove());

const newest = () => path.basename(findMigrations(project.path('migrations')).at(-1) ?? '');

describe('migrate-mongo create', () => {
  it('makes a TypeScript file that loads and compiles', async () => {
    const { exitCode, stdout } = await project.migrateMongo(['create', 'add user notes']);
    const name = newest();
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: `Created: migrations/${name}\n` });
    expect(name).toMatch(/^\d{14}-add_user_notes\.ts$/);
    expect(await project.read('migrations', name)).toBe(await project.read('migrations', 'sample-migration.ts'));

    const [loaded] = loadMigrations([project.path('migrations', name)]);
    expect(loaded).toMatchObject({ name, changes: [] });

    await project.write(
      'one.tsconfig.json',
      JSON.stringify({ extends: './tsconfig.json', include: [], files: [`migrations/${name}`] }),
    );
    expect(await project.run('node_modules/.bin/tsc', ['-p', 'one.tsconfig.json'])).toEqual({
      exitCode: 0,
      stdout: '',
      stderr: '',
    });
  });
});

describe('The environment of a bare migrate-mongo', () => {
  const databaseName = async (env: Record<string, string>) => {
    const script = "process.stdout.write(require('./migrate-mongo-config.js').mongodb.databaseName)";
    return (await project.run('node', ['-e', script], env)).stdout;
  };

  it.each([
    ['MONGODB_DATABASE first', { MONGODB_URL: 'mongodb://h/of_url', MONGODB_DATABASE: 'named' }, 'named'],
    ["then the URL's path", { MONGODB_URL: 'mongodb://h/of_url' }, 'of_url'],
    ['then the name of the product', {}, 'sentimatrix_studio'],
  ])('names the database: %s', async (_title, env, expected) => {
    expect(await databaseName(env)).toBe(expected);
  });

  it('may be wrong in many ways, and all of them are told at once, without the password', async () => {
    const env = { MONGODB_URL: 'mongodb:/u:topsecret@h', MONGODB_DATABASE: 'a b', SCHEMA_ALLOW_SHARDED: 'yes' };
    const { exitCode, stdout, stderr } = await project.migrateMongo(['status'], env);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    expect(stderr).toContain('ERROR: The environment is wrong, so nothing was started.');
    for (const name of Object.keys(env)) expect(stderr).toContain(`\n  ${name} `);
    expect(stderr).not.toContain('topsecret');
  });

  it('may hold a password, which a server that does not answer brings nowhere', async () => {
    const url = 'mongodb://somebody:topsecret@127.0.0.1:1/';
    const { exitCode, stdout, stderr } = await project.migrateMongo(['status'], { MONGODB_URL: url });
    expect(exitCode).toBe(1);
    expect(stderr).toContain('ECONNREFUSED');
    expect(stdout + stderr).not.toMatch(/topsecret|somebody/);
  });

  describe('with a .env file', () => {
    const appliedAt = new Date('2026-01-02T03:04:05.678Z');
    beforeAll(async () => {
      await project.write('.env', `MONGODB_URL='${inject('mongodb').url}'\nMONGODB_DATABASE=${database.name}\n`);
      await database.db.collection('changelog').insertOne({ fileName: newest(), appliedAt });
    });

    it('is taken from there', async () => {
      const { exitCode, stdout } = await project.migrateMongo(['status']);
      expect(exitCode).toBe(0);
      expect(stdout).toMatch(new RegExp(`${newest()}\\W+${appliedAt.toISOString()}`));
    });

    it('beats it with the variables that are set', async () => {
      expect(await databaseName({})).toBe(database.name);
      expect(await databaseName({ MONGODB_DATABASE: 'named' })).toBe('named');
    });

    it("is read by the project's own command line as well", async () => {
      const { stderr } = await project.schema(['deploy'], {
        MONGODB_URL: 'mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=50',
      });
      expect(stderr).toContain('ECONNREFUSED');
      expect(stderr).not.toContain('MONGODB_URL is not set');
    });
  });
});
