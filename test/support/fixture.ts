import path from 'node:path';
import { findMigrations, loadMigrations } from '../../src/project';
import { projectFolder } from './project-folder';

const folder = path.join(projectFolder, 'test', 'fixture', 'migrations');
const migrations = loadMigrations(findMigrations(folder));

/**
 * The project for tests of the tool: a few collections with every kind of thing in a schema. It is frozen, like
 * the product's migrations, so that tests may refer to its contents.
 */
export const fixture = { folder, migrations, names: migrations.map(({ name }) => name) };
