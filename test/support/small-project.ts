import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { findMigrations, loadMigrations } from '../../src/project';
import { type Migration } from '../../src/migration';
import type { Project } from './schema-command';

/** A project with few migrations of its own, in a temporary folder. */
export interface SmallProject extends Project {
  /** The migrations that it began with, and their names, in order. */
  readonly migrations: readonly Migration[];
  readonly names: readonly string[];
  /** The path of a file of the project: `path('schema', 'schema.json')`. */
  path(...names: string[]): string;
  read(...names: string[]): Promise<string>;
  write(name: string, text: string): Promise<void>;
  remove(): Promise<void>;
}

/** Makes one; `steps` are the steps of each migration as code, by what comes after the number in its name. */
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

/** The text of a migration in any folder that does these steps. */
export function migrationText(steps: string): string {
  return `import { ${names} } from '${verbs}';\nexport default migration(__filename, ${steps});\n`;
}

/** An index on one field, as code. */
export function indexOn(field: string, options = ''): string {
  return `{ name: '${field}_1', key: { ${field}: 1 }, serves: 'a test'${options === '' ? '' : `, ${options}`} }`;
}
