import { readdir } from 'node:fs/promises';
import { expect } from 'vitest';
import type { ProjectCopy } from './project-copy';

/** Makes a migration with `migrate-mongo create`, sees to it that it is the one file that is new, and gives its name. */
export async function createMigration(project: ProjectCopy, title: string): Promise<string> {
  const before = await readdir(project.path('migrations'));
  const { exitCode, stdout } = await project.migrateMongo(['create', title]);
  const added = (await readdir(project.path('migrations'))).filter((name) => !before.includes(name));
  expect(added).toHaveLength(1);
  const [name = ''] = added;
  expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: `Created: migrations/${name}\n` });
  return name;
}
