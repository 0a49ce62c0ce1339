import { createHash } from 'node:crypto';

/** The collections of this tool and of migrate-mongo. They are not part of any schema. */
export const ownCollections = {
  /** The changelog: which migrations are applied, in migrate-mongo's own format. */
  changelog: 'changelog',
  /** The lock of migrate-mongo. The configuration of migrate-mongo names this collection, but turns the lock off, so it is never used. */
  changelogLock: 'changelog_lock',
  /** The history: a log of what happened. Documents are only added. */
  history: 'schema_history',
  /** The progress of backfills. */
  checkpoints: 'schema_checkpoints',
  /** The lease: the run that may write. */
  lock: 'schema_lock',
} as const;

const names: ReadonlySet<string> = new Set(Object.values(ownCollections));

/**
 * Returns whether a collection never belongs to an application: it is a collection of this tool or of migrate-mongo, or it has a name that
 * only a drop or a restore gives. The default name of the changelog is reserved even if the changelog has another name, because migrations
 * may not use the default name.
 */
export function isOwnCollection(name: string, changelog: string = ownCollections.changelog): boolean {
  return (
    names.has(name) ||
    name === changelog ||
    name === changelogLockOf(changelog) ||
    isSetAside(name) ||
    isRestoreName(name)
  );
}

/** Returns the name of the lock collection that belongs to a changelog, for migrate-mongo's configuration. */
export function changelogLockOf(changelog: string): string {
  return `${changelog}_lock`;
}

/** Returns why the name of a collection is invalid; undefined for a valid name. */
export function collectionNameProblem(name: string): string | undefined {
  if (name === '') return 'it is empty';
  if (name === '__proto__') return 'it has a special meaning in JavaScript';
  if (name.startsWith('system.')) return 'names that start with "system." belong to the server';
  if (name.startsWith('.')) return 'it starts with a dot';
  if (name.includes('$') || name.includes('\0')) return 'it contains "$" or a null character';
  return undefined;
}

/** Returns why the changelog cannot have a name; undefined for a valid name. */
export function changelogNameProblem(name: string): string | undefined {
  const { history, checkpoints, lock } = ownCollections;
  const others: readonly string[] = [history, checkpoints, lock];
  const isTaken =
    others.includes(name) || others.includes(changelogLockOf(name)) || isSetAside(name) || isRestoreName(name);
  return isTaken ? 'the migrations keep other records in it' : collectionNameProblem(name);
}

const setAsidePrefix = 'dropped_';
/** The maximum length of a namespace in bytes: the name of the database, a dot, and the name of the collection. */
const longestNamespace = 255;

/** Returns whether a name is a temporary one that a collection gets just before it is dropped. */
export function isSetAside(name: string): boolean {
  return name.startsWith(setAsidePrefix) && name !== setAsidePrefix;
}

/**
 * Returns the temporary name that a collection gets just before it is dropped. A collection always gets the same temporary name, so that
 * the privileges of a role can list it. A name that would be too long for the server is replaced by a hash.
 */
export function setAsideName(database: string, name: string): string {
  return prefixed(setAsidePrefix, database, name, longestNamespace);
}

function prefixed(prefix: string, database: string, name: string, longest: number): string {
  const plain = prefix + name;
  if (Buffer.byteLength(`${database}.${plain}`) <= longest) return plain;
  return prefix + createHash('sha256').update(name).digest('hex').slice(0, 32);
}

/** Returns the name of a collection before it was renamed for a drop; undefined when the name is a hash. */
export function nameBeforeDrop(name: string): string | undefined {
  const rest = name.slice(setAsidePrefix.length);
  return isSetAside(name) && !/^[0-9a-f]{32}$/.test(rest) ? rest : undefined;
}

/** Returns the mongosh command that renames a collection. */
export function renameCommand(from: string, to: string): string {
  return `db.getCollection(${JSON.stringify(from)}).renameCollection(${JSON.stringify(to)})`;
}

/** The prefixes for names in a restore: for loaded collections, and for the collections that they replace. */
export const restorePrefixes = { staged: 'restoring_', replaced: 'replaced_' } as const;
/** In bytes. Shorter, because a time series stores its documents in a collection named `system.buckets.` plus the name of the series. */
const longestRestoreNamespace = longestNamespace - Buffer.byteLength('system.buckets.');

/** Returns whether a collection has a name that only a restore gives. */
export function isRestoreName(name: string): boolean {
  return Object.values(restorePrefixes).some((prefix) => name.startsWith(prefix) && name !== prefix);
}

/** Returns the temporary name for loading a collection during a restore. A long name is replaced by a hash. */
export function stagedName(database: string, name: string): string {
  return prefixed(restorePrefixes.staged, database, name, longestRestoreNamespace);
}

/** Returns the name for a collection that a restore replaces. A long name is replaced by a hash. */
export function replacedName(database: string, name: string): string {
  return prefixed(restorePrefixes.replaced, database, name, longestRestoreNamespace);
}
