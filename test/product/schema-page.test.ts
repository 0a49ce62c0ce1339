import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { relations } from '../../models/relations';
import { foldMigrations } from '../../src/migration';
import { schemaPage } from '../../src/review';
import { expectMermaid } from '../review/markdown/mermaid';
import { productMigrations } from '../support/product';
import { projectFolder } from '../support/project-folder';

const migrations = productMigrations();
const schema = foldMigrations(migrations);
const page = schemaPage(migrations, relations, schema);

describe('schema/SCHEMA.md', () => {
  it('is what the migrations lead to', async () => {
    const committed = await readFile(path.join(projectFolder, 'schema', 'SCHEMA.md'), 'utf8');
    expect(committed.replaceAll('\r\n', '\n')).toBe(page);
  });

  it('shows every collection of the product, and every relation between them', () => {
    const { entities, relationships } = expectMermaid(page);
    expect(entities).toEqual(Object.keys(schema));
    expect(relationships).toEqual(
      relations.map(({ from, to }) => `${from.slice(0, from.indexOf('.'))} ${from.slice(from.indexOf('.') + 1)} ${to}`),
    );
  });
});
