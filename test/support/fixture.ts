import path from 'node:path';
import { findMigrations, loadMigrations } from '../../src/project';
import { projectFolder } from './project-folder';

const folder = path.join(projectFolder, 'test', 'fixture', 'migrations');
const migrations = loadMigrations(findMigrations(folder));

/**
 * The project that tests of the tool work on: a few collections with every kind of thing that a schema holds. It is frozen, as
 * the product's migrations are, so that a test may name what stands in it.
 */
export const fixture = { folder, migrations, names: migrations.map(({ name }) => name) };
