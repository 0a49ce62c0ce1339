import path from 'node:path';
import { documentKeys, type Schema } from '../../src/schema';
import type { ProjectCopy } from '../cli/project-copy';
import { foldMigrations } from '../../src/migration';
import { productMigrations } from '../support/product';
import { documentOf } from '../support/schema-command';

/** Adds to a checkout an index, a collection and a data step as `schema new` writes them; resolves to the new names. */
export async function addNextMigrations(checkout: ProjectCopy): Promise<string[]> {
  const existing = someCollection(foldMigrations(productMigrations()));
  const added = [
    ['next-index', '--index', `${existing}.next_migration`, '--undeclared'],
    ['next-collection', '--collection', 'next_migration_notes'],
    ['next-data-step', '--backfill', existing],
  ];
  const names: string[] = [];
  for (const args of added) {
    const { migrations } = documentOf(await checkout.schema(['new', ...args, '--json'])) as { migrations: string[] };
    names.push(...migrations.map((file) => path.basename(file)));
  }
  return names;
}

/** A collection whose documents no migration owns: a data step that altered those would make the schema another one. */
function someCollection(schema: Schema): string {
  const [found] = [...documentKeys(schema)].find(([, keys]) => keys.length === 0) ?? [];
  if (found === undefined) throw new Error('every collection of the product holds reference documents');
  return found;
}
