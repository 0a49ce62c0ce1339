import path from 'node:path';
import { hashChanges, isOwnCollection, ownCollections } from '../schema';
import { checksumOf, readFrozen } from './checksums';
import { textsOf, type MigrationText } from './files';
import { findMigrations } from './find';
import { loadMigrations } from './load';
import { refuseUnknownTargets } from './refuse-unknown';
import { migrationName, type Migration } from '../migration';
import { byLikeness, nearest } from '../support/nearest';
import { SchemaError } from '../support/schema-error';

/** The migrations of a folder. History is judged by their texts alone, before any of them is loaded. */
export interface Project {
  readonly texts: readonly MigrationText[];
  load(): readonly Migration[];
}

/** The migrations of this repository, as sources or as compiled code. */
export const ownMigrations = path.resolve(__dirname, '..', '..', 'migrations');

/**
 * @param changelog the name of the collection that says what is applied: no migration may make one of that name.
 * @param last the name of the last migration that counts; all of them unless given.
 * @throws error for a file in the folder that is no migration.
 */
export function openProject(
  folder: string = ownMigrations,
  changelog: string = ownCollections.changelog,
  last?: string,
): Project {
  const files = findMigrations(folder).filter((file) => last === undefined || migrationName(file) <= last);
  let loaded: readonly Migration[] | undefined;
  return {
    texts: textsOf(files),
    load: () => {
      loaded ??= loadMigrations(files);
      refuseOtherChanges(folder, loaded);
      refuseReserved(loaded, changelog);
      refuseUnknownTargets(loaded, readFrozen(folder));
      return loaded;
    },
  };
}

/** A verb refuses what is always reserved; by which name the changelog goes, a migration file does not know. */
function refuseReserved(migrations: readonly Migration[], changelog: string): void {
  for (const { name, changes } of migrations) {
    const found = changes.find(({ place }) => isOwnCollection(place.collection, changelog));
    if (found === undefined) continue;
    throw new SchemaError('MIGRATION', `${name} changes the collection ${found.place.collection}`, {
      why: 'the migrations keep their own records in it: MONGODB_CHANGELOG names it',
      fix: 'give MONGODB_CHANGELOG another name',
    });
  }
}

/**
 * Refuses migrations whose text is the frozen one and whose changes are not: these depend on more than their text, and are
 * not what was reviewed. One that is not frozen yet, or is being worked on, passes.
 * @throws error with code `SNAPSHOT` that names them.
 */
export function refuseOtherChanges(folder: string, migrations: readonly Migration[]): void {
  const frozen = readFrozen(folder);
  const others = migrations.filter(({ name, file, changes }) => {
    const entry = frozen[name];
    return entry !== undefined && entry.text === checksumOf(file) && entry.changes !== hashChanges(changes);
  });
  if (others.length === 0) return;
  const names = others.map(({ name }) => name).join(', ');
  throw new SchemaError('SNAPSHOT', `${names}: the changes are not the frozen ones, so nothing was changed`, {
    why: 'the text is the frozen one; so the changes depend on something else, such as the clock, chance, the time zone or the environment',
    fix: 'run it where it was frozen, and see `lint --explain SM027`; a new migration corrects what it did elsewhere',
  });
}

/**
 * The name of the migration that a person means: the whole name, with or without its ending, or a part that only one has.
 * @param words what may stand in place of a name, to suggest them too: the points of `diff`
 * @throws error with code `USAGE` when none or several match; it suggests what comes near.
 */
export function resolveName(names: readonly string[], wanted: string, words: readonly string[] = []): string {
  const exact = names.find((name) => name === wanted || name === `${wanted}.ts`);
  if (exact !== undefined) return exact;
  const matches = names.filter((name) => name.includes(wanted));
  if (matches.length === 1 && matches[0] !== undefined) return matches[0];
  const [problem, candidates] =
    matches.length > 1
      ? [`Several migrations match "${wanted}"`, matches]
      : [`There is no migration "${wanted}" to choose from here`, byLikeness(names, wanted)];
  const more = candidates.length > suggestions ? [`and ${candidates.length - suggestions} more`] : [];
  const near = matches.length > 1 ? undefined : nearestName(names, wanted, words);
  const choose = candidates.length === 0 ? undefined : 'write one of these names, or a part that no other shares';
  throw new SchemaError('USAGE', problem, {
    why:
      candidates.length === 0 ? 'there is none at all' : ['there are:', ...candidates.slice(0, suggestions), ...more],
    fix:
      near === undefined
        ? choose
        : [`did you mean ${near}?`, ...(choose === undefined ? [] : [`Else ${choose}`])].join(' '),
  });
}

/** The times in the names of migrations are alike, so what stands after them is compared. */
function nearestName(names: readonly string[], wanted: string, words: readonly string[]): string | undefined {
  const titleOf = (name: string) => name.replace(/^\d+[-_]/, '').replace(/\.[cm]?[jt]s$/, '');
  const known = new Map([...words, ...names].map((name) => [titleOf(name), name]));
  return known.get(nearest(titleOf(wanted), known.keys()) ?? '');
}

/** The names of migrations, or of reports on them. */
export function namesOf(items: readonly { readonly name: string }[]): string[] {
  return items.map(({ name }) => name);
}

const suggestions = 10;

/**
 * The loaded migrations of these names, in the order of the names.
 * @throws error with code `HISTORY` naming those whose files are gone: nobody knows what to do for them.
 */
export function pick(migrations: readonly Migration[], names: readonly string[]): Migration[] {
  const found = names.map((wanted) => migrations.find(({ name }) => name === wanted));
  const gone = names.filter((_, at) => !found[at]);
  if (gone.length === 0) return found.filter((migration) => migration !== undefined);
  const files = gone.length === 1 ? 'The file of' : 'The files of';
  throw new SchemaError(
    'HISTORY',
    `${files} ${gone.join(', ')} ${gone.length === 1 ? 'is' : 'are'} missing, so nothing was changed`,
    {
      why: 'what has to be done stands there',
      fix: 'restore the text from version control',
    },
  );
}
