import { rm } from 'node:fs/promises';
import path from 'node:path';
import { ProjectCopy } from '../commands/project-copy';
import { findMigrations, loadMigrations, type Migration } from '../../src/migration';

/** A copy of the project with few migrations of its own. */
export interface SmallProject {
  readonly copy: ProjectCopy;
  readonly migrations: readonly Migration[];
  /** Their names, in order. */
  readonly names: readonly string[];
  /** Where they are. */
  readonly folder: string;
}

/** Makes one; `steps` are the steps of each migration as code, by what comes after the number in its name. */
export async function makeSmallProject(steps: Readonly<Record<string, string>>): Promise<SmallProject> {
  const copy = await ProjectCopy.make();
  const folder = copy.path('migrations');
  await rm(folder, { recursive: true });
  await copy.makeFolder('migrations');
  for (const [at, [name, code]] of Object.entries(steps).entries()) {
    await copy.write(path.join('migrations', `2026010${at + 1}000000-${name}.ts`), migrationText(code));
  }
  const migrations = loadMigrations(findMigrations(folder));
  return { copy, migrations, names: migrations.map(({ name }) => name), folder };
}

function migrationText(code: string): string {
  return `import * as verbs from '../src/migration';
const { addValidator, changeTtl, createCollections, createIndexes, dropIndexes, migration } = verbs;
export default migration(__filename, ${code});
`;
}

/** An index on one field, as code. */
export function indexOn(field: string, options = ''): string {
  return `{ name: '${field}_1', key: { ${field}: 1 }, serves: 'a test'${options === '' ? '' : `, ${options}`} }`;
}
