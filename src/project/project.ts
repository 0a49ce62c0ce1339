import path from 'node:path';
import { hashChanges, isOwnCollection, ownCollections } from '../schema';
import { checksumOf, readFrozen, type Frozen } from './checksums';
import { textsOf, type MigrationText } from './files';
import { findMigrations } from './find';
import { loadMigrations } from './load';
import { refuseUnknownTargets } from './refuse-unknown';
import { migrationName } from '../migration/name';
import type { Migration } from '../migration/types';
import { byLikeness, nearest } from '../support/nearest';
import { SchemaError } from '../support/schema-error';

/** The migrations of a folder. The history is checked with their texts before any of them is loaded. */
export interface Project {
  readonly folder: string;
  /** The name of the changelog collection. */
  readonly changelog: string;
  /** The paths of the migrations, in the order of `texts`. */
  readonly files: readonly string[];
  readonly texts: readonly MigrationText[];
  load(): readonly Migration[];
  /** Returns the checksum of a loaded migration, as the history stores it. */
  checksumOf(migration: Pick<Migration, 'file'>): string;
  /** Returns the frozen migrations of the folder, as they were at the first call. */
  readonly frozen: () => Frozen;
}

/** The migrations of this repository, as sources or as compiled code. */
export const ownMigrations = path.resolve(__dirname, '..', '..', 'migrations');

/**
 * @param changelog the name of the changelog collection: no migration may use this name
 * @param last the last migration to include; the default is all
 * @throws error for a file in the folder that is not a migration.
 */
export function openProject(
  folder: string = ownMigrations,
  changelog: string = ownCollections.changelog,
  last?: string,
): Project {
  const files = findMigrations(folder).filter((file) => last === undefined || migrationName(file) <= last);
  // The file of the frozen migrations is read at most once, and not at all if there are only sources. To read the file for each migration
  // would take time quadratic in the number of migrations.
  let known: Frozen | undefined;
  const frozen = () => (known ??= readFrozen(folder));
  let loaded: readonly Migration[] | undefined;
  return {
    folder,
    changelog,
    files,
    frozen,
    texts: textsOf(files, frozen),
    load: () => {
      loaded ??= loadMigrations(files);
      const now = readFrozen(folder);
      refuseOtherChanges(now, loaded);
      refuseReserved(loaded, changelog);
      refuseUnknownTargets(loaded, now);
      return loaded;
    },
    checksumOf: ({ file }) => checksumOf(file, frozen),
  };
}

/** Refuses migrations that use the changelog's collection. The verbs refuse the fixed reserved names, but do not know the configured name. */
function refuseReserved(migrations: readonly Migration[], changelog: string): void {
  for (const { name, changes } of migrations) {
    const found = changes.find(({ place }) => isOwnCollection(place.collection, changelog));
    if (found === undefined) continue;
    throw new SchemaError('MIGRATION', `${name} changes the collection ${found.place.collection}`, {
      why: 'this collection holds the records of the migrations: MONGODB_CHANGELOG names it',
      fix: 'set MONGODB_CHANGELOG to another name',
    });
  }
}

/**
 * Refuses migrations that have their frozen text but not their frozen changes. Such changes depend on more than the text, and are not the
 * reviewed changes. A migration that is not frozen, or whose text was edited, is accepted here.
 * @throws error with code `SNAPSHOT` that names these migrations.
 */
export function refuseOtherChanges(frozen: Frozen, migrations: readonly Migration[]): void {
  const others = migrations.filter(({ name, file, changes }) => {
    const entry = frozen[name];
    const isAsFrozen = entry !== undefined && entry.text === checksumOf(file, () => frozen);
    return isAsFrozen && entry.changes !== hashChanges(changes);
  });
  if (others.length === 0) return;
  const names = others.map(({ name }) => name).join(', ');
  throw new SchemaError('SNAPSHOT', `${names}: the changes differ from the frozen ones, so nothing was changed`, {
    why: 'the text of the migration is unchanged, so its changes depend on something else, such as the clock, random numbers, the time zone or the environment',
    fix: 'run the migration in the environment where it was frozen, and see `lint --explain SM027`; correct other databases with a new migration',
  });
}

/**
 * Returns the full name of a migration from a name with or without extension, or from a unique part of the name.
 * @param words other valid words that the error may suggest, such as `head` for the command `diff`
 * @throws error with code `USAGE` when no name or several names match; the error suggests similar names.
 */
export function resolveName(names: readonly string[], wanted: string, words: readonly string[] = []): string {
  const exact = names.find((name) => name === wanted || name === `${wanted}.ts`);
  if (exact !== undefined) return exact;
  const matches = names.filter((name) => name.includes(wanted));
  if (matches.length === 1 && matches[0] !== undefined) return matches[0];
  const [problem, candidates] =
    matches.length > 1
      ? [`Several migrations match "${wanted}"`, matches]
      : [`There is no migration "${wanted}" here`, byLikeness(names, wanted)];
  const more = candidates.length > suggestions ? [`and ${candidates.length - suggestions} more`] : [];
  const near = matches.length > 1 ? undefined : nearestName(names, wanted, words);
  const choose = candidates.length === 0 ? undefined : 'write one of these names, or a part that is unique';
  throw new SchemaError('USAGE', problem, {
    why:
      candidates.length === 0
        ? 'there are no migrations'
        : ['there are:', ...candidates.slice(0, suggestions), ...more],
    fix:
      near === undefined
        ? choose
        : [`did you mean ${near}?`, ...(choose === undefined ? [] : [`Otherwise ${choose}`])].join(' '),
  });
}

/** Finds the most similar name. The timestamps in the names are similar, so only the part after the timestamp is compared. */
function nearestName(names: readonly string[], wanted: string, words: readonly string[]): string | undefined {
  const titleOf = (name: string) => name.replace(/^\d+[-_]/, '').replace(/\.[cm]?[jt]s$/, '');
  const known = new Map([...words, ...names].map((name) => [titleOf(name), name]));
  return known.get(nearest(titleOf(wanted), known.keys()) ?? '');
}

/** Returns the names of the items: migrations, or reports about migrations. */
export function namesOf(items: readonly { readonly name: string }[]): string[] {
  return items.map(({ name }) => name);
}

const suggestions = 10;

/**
 * Returns the loaded migrations with these names, in the order of the names.
 * @throws error with code `HISTORY` that lists the missing files: without these files, it is unknown what the migrations do.
 */
export function pick(migrations: readonly Migration[], names: readonly string[]): Migration[] {
  const byName = new Map(migrations.map((one) => [one.name, one]));
  const found = names.map((wanted) => byName.get(wanted));
  const gone = names.filter((_, at) => !found[at]);
  if (gone.length === 0) return found.filter((migration) => migration !== undefined);
  const files = gone.length === 1 ? 'The file of' : 'The files of';
  throw new SchemaError(
    'HISTORY',
    `${files} ${gone.join(', ')} ${gone.length === 1 ? 'is' : 'are'} missing, so nothing was changed`,
    {
      why: 'the command reads from these files what to do',
      fix: 'restore them from version control',
    },
  );
}
