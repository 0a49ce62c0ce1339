import path from 'node:path';
import { deploy } from '../../src/deploy';
import { findMigrations, loadMigrations } from '../../src/project';
import { type Migration } from '../../src/migration';
import type { TestDatabase } from './database';
import { projectFolder } from './project-folder';

/** The folder of the product's own migrations. Tests of the tool use the migrations of `fixture`. */
export const productFolder = path.join(projectFolder, 'migrations');

/** Returns every migration of the product. */
export function productMigrations(): Migration[] {
  return loadMigrations(findMigrations(productFolder));
}

/** Brings a database to the product's whole schema, or to a point of its history. */
export async function deployProduct(
  { url, name }: Pick<TestDatabase, 'url' | 'name'>,
  { to }: { readonly to?: string } = {},
): Promise<void> {
  await deploy({ url, database: name, folder: productFolder, to });
}
