import path from 'node:path';
import { deploy, rollback, type MigrationFinding } from '../../src/deploy';
import { findMigrations, loadMigrations } from '../../src/project';
import { type Direction } from '../../src/migration';

export const folder = path.join(__dirname, 'migrations');

/** A few migrations over two collections: every kind of command, and few enough to break each one in turn. */
export const fixture = loadMigrations(findMigrations(folder));

/** A deploy of all of them, or a rollback of all that are applied. Resolves to what it found in the data beforehand. */
export async function runFixture(
  url: string,
  database: string,
  direction: Direction,
): Promise<readonly MigrationFinding[]> {
  // Else each run starts git to ask for the commit.
  const options = { url, database, folder, commit: 'a test' };
  if (direction === 'up') return (await deploy(options)).findings;
  await rollback({ ...options, steps: fixture.length });
  return [];
}
