import path from 'node:path';
import type { MigrationText } from '../history';
import { findMigrations, loadMigrations, textsOf, type Migration } from '../migration';

/** The migrations of a folder. History is judged by their texts alone, before any of them is loaded. */
export interface Project {
  readonly texts: readonly MigrationText[];
  load(): readonly Migration[];
}

/** The migrations of this repository, as sources or as compiled code. */
export const ownMigrations = path.resolve(__dirname, '..', '..', 'migrations');

/** @throws Error for a file in the folder that is no migration. */
export function openProject(folder: string = ownMigrations): Project {
  const files = findMigrations(folder);
  let loaded: readonly Migration[] | undefined;
  return { texts: textsOf(files), load: () => (loaded ??= loadMigrations(files)) };
}

/**
 * The name of the migration that a person means: the whole name, with or without its ending, or a part that only one has.
 * @throws Error with code `USAGE` when none or several match; it suggests what comes near.
 */
export function resolveName(names: readonly string[], wanted: string): string {
  const exact = names.find((name) => name === wanted || name === `${wanted}.ts`);
  if (exact !== undefined) return exact;
  const matches = names.filter((name) => name.includes(wanted));
  if (matches.length === 1 && matches[0] !== undefined) return matches[0];
  const among = matches.length > 1 ? matches : names;
  const message = `${matches.length > 1 ? 'Several migrations match' : 'There is no migration'} "${wanted}". There ${
    among.length === 1 ? 'is' : 'are'
  }:\n  ${among.join('\n  ')}`;
  throw Object.assign(new Error(message), { code: 'USAGE' });
}
