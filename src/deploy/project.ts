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
  const [problem, candidates] =
    matches.length > 1
      ? [`Several migrations match "${wanted}"`, matches]
      : [`There is no migration "${wanted}" to choose from here`, byLikeness(names, wanted)];
  const shown = candidates.slice(0, suggestions).map((name) => `\n  ${name}`);
  const more = candidates.length > suggestions ? `\n  and ${candidates.length - suggestions} more` : '';
  const list = candidates.length === 0 ? '.' : `:${shown.join('')}${more}`;
  throw Object.assign(new Error(problem + list), { code: 'USAGE' });
}

const suggestions = 10;

/** What comes nearest to a text first: what shares the most of its groups of three letters. */
function byLikeness(names: readonly string[], wanted: string): string[] {
  const groups = Array.from({ length: Math.max(wanted.length - 2, 0) }, (_, at) => wanted.slice(at, at + 3));
  const likeness = (name: string) => groups.filter((group) => name.includes(group)).length;
  return names.toSorted((one, other) => likeness(other) - likeness(one));
}

/**
 * The loaded migrations of these names, in the order of the names.
 * @throws Error with code `HISTORY` naming those whose files are gone: nobody knows what to do for them.
 */
export function pick(migrations: readonly Migration[], names: readonly string[]): Migration[] {
  const found = names.map((wanted) => migrations.find(({ name }) => name === wanted));
  const gone = names.filter((_, at) => !found[at]);
  if (gone.length === 0) return found.filter((migration) => migration !== undefined);
  const message = `Nothing was changed: the ${gone.length === 1 ? 'file' : 'files'} of ${gone.join(', ')} ${
    gone.length === 1 ? 'is' : 'are'
  } gone, and what has to be done stands there. Way out: bring the text back from version control.`;
  throw Object.assign(new Error(message), { code: 'HISTORY' });
}
