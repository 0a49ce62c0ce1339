import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { findMigrations, loadMigrations } from '../../src/project';
import { type Migration } from '../../src/migration';
import type { Project } from './schema-command';

/** A project with a few migrations, in a temporary folder. */
export interface SmallProject extends Project {
  /** Its first migrations and their names, in order. */
  readonly migrations: readonly Migration[];
  readonly names: readonly string[];
  /** Returns the path of a file of the project: `path('schema', 'schema.json')`. */
  path(...names: string[]): string;
  read(...names: string[]): Promise<string>;
  write(name: string, text: string): Promise<void>;
  remove(): Promise<void>;
}

/** Makes a small project. `steps` has the code of each migration's steps, by the description in its name. */
export async function makeSmallProject(steps: Readonly<Record<string, string>> = {}): Promise<SmallProject> {
  const root = await realpath(await mkdtemp(path.join(tmpdir(), 'small-project-')));
  const folder = path.join(root, 'migrations');
  await mkdir(folder);
  const write = (name: string, text: string) => writeFile(path.join(root, name), text);
  for (const [at, [name, code]] of Object.entries(steps).entries()) {
    const day = String(at + 1).padStart(2, '0');
    await write(`migrations/202601${day}000000-${name}.ts`, migrationText(code));
  }
  const migrations = loadMigrations(findMigrations(folder));
  return {
    folder,
    migrations,
    names: migrations.map(({ name }) => name),
    path: (...names) => path.join(root, ...names),
    read: (...names) => readFile(path.join(root, ...names), 'utf8'),
    write,
    remove: () => rm(root, { recursive: true, force: true }),
  };
}

const verbs = path.resolve(__dirname, '..', '..', 'src', 'migration');
const names =
  'addValidator, backfill, changeTtl, createCollections, createIndexes, createView, dropCollection, dropField, dropIndexes, hideIndex, insertDocuments, irreversible, makeUnique, migration, removeDuplicates, renameCollection, renameField, run';

/** Returns the source code of a migration with these steps, for any folder. */
export function migrationText(steps: string): string {
  return `import { ${names} } from '${verbs}';\nexport default migration(__filename, ${steps});\n`;
}

/** Returns an index on one field, as code. */
export function indexOn(field: string, options = ''): string {
  return `{ name: '${field}_1', key: { ${field}: 1 }, serves: 'a test'${options === '' ? '' : `, ${options}`} }`;
}
