import { mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runInNewContext } from 'node:vm';
import { execa } from 'execa';
import { BSON, type Db } from 'mongodb';
import { expect, it } from 'vitest';
import { readEvents } from '../../src/history';
import { withDatabase, type TestDatabase } from '../support/database';
import { projectFolder } from '../support/project-folder';
import { startBare } from '../support/running-command';
import { documentOf, runSchema, serverEnvironment } from '../support/schema-command';
import { indexOn, migrationText } from '../support/small-project';
import { oldMigrations } from './old-project';

const migrateMongo = path.join(projectFolder, 'node_modules', '.bin', 'migrate-mongo');
const newNames = oldMigrations.map(([name]) => name.replace('.js', '.ts'));
const [declared, more, days] = [
  '20260101000000-declare.ts',
  '20260102000000-more.ts',
  '20260103000000-days.ts',
] as const;

const search = `createIndexes('items', [{ name: 'name_text', key: { name: 'text' }, serves: 'a test' }])`;

/** What the plain migrations made, one index excepted. */
const declaration = `createCollections('users', 'orders', 'items', 'sessions'),
  createIndexes('users', [${indexOn('email', 'unique: true')}]),
  createIndexes('orders', [{ name: 'user_id_1_day_-1', key: { user_id: 1, day: -1 }, serves: 'a test' }]),
  createIndexes('sessions', [${indexOn('seen_at', 'expireAfterSeconds: 86400')}]),
  addValidator('items', { $jsonSchema: { bsonType: 'object', required: ['name', 'price'] } }, { validationLevel: 'moderate' }),
  createView('active_users', { on: 'users', pipeline: [{ $match: { status: 'active' } }] })`;

/** To be called in a file: moves in with so many of the twenty applied, by the page of the docs. */
export function testMovingIn(applied: number): void {
  it(`A project with ${applied} of ${oldMigrations.length} migrations applied moves in, and goes on with verbs`, () =>
    withDatabase(async (database) => {
      const { db } = database;
      const [pageShell, pageMongosh] = await stepsOfThePage();
      const project = await makeOldProject(database);
      try {
        await project.bareUp(oldMigrations.slice(0, applied));
        await project.write(oldMigrations.slice(applied));
        const env = serverEnvironment(database.name);
        const schema = (...args: string[]) => runSchema(project, args, env);
        const done = async (...args: string[]) => {
          const { exitCode, stdout, stderr } = await schema(...args);
          expect(exitCode, stdout + stderr).toBe(0);
          return stdout;
        };
        // Before the first step, and before the third, nothing is written.
        expect((await schema('deploy')).stderr).toContain(
          `rename ${oldMigrations[0]?.[0] ?? ''} to ${newNames[0] ?? ''}`,
        );
        await execa('bash', ['-c', pageShell], { cwd: project.root });
        if (applied > 0) expect(await schema('deploy')).toMatchObject({ exitCode: 4 });
        await runMongosh(pageMongosh, db);

        const status = documentOf(await schema('status', '--json'));
        const states = (status['migrations'] as { state: string }[]).map(({ state }) => state);
        expect(states).toEqual(newNames.map((_, at) => (at < applied ? 'applied' : 'pending')));
        const ended = await schema('plan');
        expect(ended.exitCode, ended.stderr).toBe(applied === newNames.length ? 0 : 2);
        const rest = newNames.slice(applied);
        const last = rest.at(-3);
        await done('deploy', '--strict', ...(last === undefined ? [] : ['--to', last]));
        if (last !== undefined) {
          const { stdout } = await startBare(project, env).ended;
          expect(stdout).toBe(
            rest
              .slice(-2)
              .map((name) => `MIGRATED UP: ${name}\n`)
              .join(''),
          );
        }
        const finished = (await readEvents(db)).filter(({ type }) => type === 'finished');
        expect(finished.map(({ migration }) => migration)).toEqual(rest);
        expect(await contentsOf(db)).toEqual(await contentsByBareMigrateMongo());
        await done('snapshot');
        await done('lint');

        await project.write([
          [declared, migrationText(declaration)],
          [more, migrationText(search)],
          [days, migrationText(`createIndexes('orders', [${indexOn('day')}])`)],
        ]);
        const before = await contentsOf(db);
        expect(await done('deploy', '--to', declared)).toContain(
          `applied  ${declared}  0 changes, 9 already in the database`,
        );
        expect(await contentsOf(db)).toEqual(before);
        // What the declaration lacks is what there is to write next.
        const { stdout: drift } = await schema('drift');
        expect(drift).toMatch(/notice {2}collection totals: collection extra/);
        expect(drift).toMatch(/drift {3}index items\.name_text: index extra/);
        const applying = await done('deploy', '--strict');
        expect(applying).toContain(`applied  ${more}  0 changes, 1 already in the database`);
        expect(applying).toContain(`applied  ${days}  1 change  `);
        expect(await done('drift')).not.toContain('name_text');
        await done('rollback', '--steps', '1', '--yes');
        expect(await contentsOf(db)).toEqual(before);
        await done('snapshot');
        expect((await startBare(project, env).ended).stdout).toBe(`MIGRATED UP: ${days}\n`);
        await done('snapshot', '--check');
        await done('status');
        expect(await done('history')).toContain(`finished  up         ${days}`);
        const emptied = await schema('rollback', '--steps', '3', '--yes');
        expect(emptied.stderr).toContain(`--allow-data-loss ${declared}`);
      } finally {
        await project.remove();
      }
    }));
}

/** On an empty database the same files lead to the same, by either command line. */
export function testEmptyDatabase(): void {
  it.each(['deploy', 'migrate-mongo'])('An empty database gets all of it by %s', (by) =>
    withDatabase(async (database) => {
      const project = await makeOldProject(database);
      try {
        await project.write(oldMigrations.map(([, text], at) => [newNames[at] ?? '', text]));
        await project.write([
          [declared, migrationText(declaration)],
          [more, migrationText(search)],
        ]);
        const env = serverEnvironment(database.name);
        const ended = by === 'deploy' ? runSchema(project, ['deploy', '--strict'], env) : startBare(project, env).ended;
        const { exitCode, stderr } = await ended;
        expect(exitCode, stderr).toBe(0);
        expect(await contentsOf(database.db)).toEqual(await contentsByBareMigrateMongo());
        expect(await runSchema(project, ['status'], env)).toMatchObject({ exitCode: 0 });
      } finally {
        await project.remove();
      }
    }),
  );
}

interface OldProject {
  readonly root: string;
  readonly folder: string;
  write(files: readonly (readonly [name: string, text: string])[]): Promise<void>;
  /** Writes them, and applies them as the project always did. */
  bareUp(files: readonly (readonly [name: string, text: string])[]): Promise<void>;
  remove(): Promise<void>;
}

async function makeOldProject({ name, url }: Pick<TestDatabase, 'name' | 'url'>): Promise<OldProject> {
  const root = await realpath(await mkdtemp(path.join(tmpdir(), 'old-project-')));
  const folder = path.join(root, 'migrations');
  await mkdir(folder);
  await symlink(path.join(projectFolder, 'node_modules'), path.join(root, 'node_modules'));
  const config = {
    mongodb: { url, databaseName: name },
    migrationsDir: 'migrations',
    changelogCollectionName: 'changelog',
  };
  await writeFile(path.join(root, 'migrate-mongo-config.js'), `module.exports = ${JSON.stringify(config)};\n`);
  const write: OldProject['write'] = async (files) => {
    await Promise.all(files.map(([file, text]) => writeFile(path.join(folder, file), text)));
  };
  return {
    root,
    folder,
    write,
    bareUp: async (files) => {
      await write(files);
      const { stdout } = await execa(migrateMongo, ['up'], { cwd: root });
      expect(stdout).toBe(files.map(([file]) => `MIGRATED UP: ${file}`).join('\n'));
    },
    remove: () => rm(root, { recursive: true, force: true }),
  };
}

let reference: Promise<unknown> | undefined;

/** What migrate-mongo alone makes of the twenty. */
function contentsByBareMigrateMongo(): Promise<unknown> {
  reference ??= withDatabase(async (database) => {
    const project = await makeOldProject(database);
    try {
      await project.bareUp(oldMigrations);
      return await contentsOf(database.db);
    } finally {
      await project.remove();
    }
  });
  return reference;
}

/** Collections, ours apart, with their options, indexes and documents. */
async function contentsOf(db: Db): Promise<unknown> {
  const infos = await db.listCollections({}, { nameOnly: false }).toArray();
  const entries = infos
    .filter(({ name }) => !/^(?:changelog|schema_|system\.)/.test(name))
    .map(async ({ name, type, options }) => {
      const isView = type === 'view';
      const indexes = isView ? [] : await db.collection(name).indexes();
      const documents = await db.collection(name).find().sort({ _id: 1 }).toArray();
      const inOrder = indexes.sort((one, other) => (String(one.name) < String(other.name) ? -1 : 1));
      return [name, BSON.EJSON.stringify({ options, indexes: inOrder, documents })] as const;
    });
  return Object.fromEntries((await Promise.all(entries)).sort());
}

/** The commands that the page gives for the shell and for mongosh. */
async function stepsOfThePage(): Promise<readonly [shell: string, mongosh: string]> {
  const page = await readFile(path.join(projectFolder, 'docs', 'moving-in.md'), 'utf8');
  const block = (language: string) => new RegExp(`^\`\`\`${language}\n([^]*?)^\`\`\`$`, 'm').exec(page)?.[1] ?? '';
  return [block('sh'), block('js')];
}

/** What mongosh would make of it, as far as the page goes. */
async function runMongosh(text: string, db: Db): Promise<void> {
  const shell = { getCollection: (name: string) => db.collection(name) };
  await runInNewContext(text, { db: shell });
}
