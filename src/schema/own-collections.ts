import { createHash } from 'node:crypto';

/** The collections that this repository and migrate-mongo keep for themselves. They are no part of any schema. */
export const ownCollections = {
  /** What is applied: migrate-mongo's own format. */
  changelog: 'changelog',
  /** Named in migrate-mongo's configuration, never used: its lock stays off. */
  changelogLock: 'changelog_lock',
  /** What happened, append-only. */
  history: 'schema_history',
  /** How far backfills have come. */
  checkpoints: 'schema_checkpoints',
  /** Who may write. */
  lock: 'schema_lock',
} as const;

const names: ReadonlySet<string> = new Set(Object.values(ownCollections));

/**
 * Whether a collection is never a product's: this repository or migrate-mongo keeps it for itself, or a drop or a
 * restore has set it aside. The usual names of the changelog stay reserved where it goes by another: no migration can have made them.
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

/** What migrate-mongo's configuration calls the lock of a changelog. */
export function changelogLockOf(changelog: string): string {
  return `${changelog}_lock`;
}

/** Why no collection can have a name; undefined for one that can. */
export function collectionNameProblem(name: string): string | undefined {
  if (name === '') return 'it is empty';
  if (name === '__proto__') return 'JavaScript gives it a meaning of its own';
  if (name.startsWith('system.')) return 'names that start with "system." belong to the server';
  if (name.startsWith('.')) return 'it starts with a dot';
  if (name.includes('$') || name.includes('\0')) return 'it contains "$" or a null character';
  return undefined;
}

/** Why the changelog cannot go by a name; undefined for one that it can have. */
export function changelogNameProblem(name: string): string | undefined {
  const { history, checkpoints, lock } = ownCollections;
  const others: readonly string[] = [history, checkpoints, lock];
  const isTaken =
    others.includes(name) || others.includes(changelogLockOf(name)) || isSetAside(name) || isRestoreName(name);
  return isTaken ? 'the migrations keep other records in it' : collectionNameProblem(name);
}

const setAsidePrefix = 'dropped_';
/** In bytes, of the database, a dot and the collection. */
const longestNamespace = 255;

/** Whether a collection has the name that a collection gets right before it is dropped. */
export function isSetAside(name: string): boolean {
  return name.startsWith(setAsidePrefix) && name !== setAsidePrefix;
}

/**
 * The name that a collection gets right before it is dropped. Always the same one, so that a role can list it; a hash
 * stands in where it would be longer than the server takes.
 */
export function setAsideName(database: string, name: string): string {
  return prefixed(setAsidePrefix, database, name, longestNamespace);
}

function prefixed(prefix: string, database: string, name: string, longest: number): string {
  const plain = prefix + name;
  if (Buffer.byteLength(`${database}.${plain}`) <= longest) return plain;
  return prefix + createHash('sha256').update(name).digest('hex').slice(0, 32);
}

/** The name that a collection had before it was set aside; undefined where a hash stands in for it. */
export function nameBeforeDrop(name: string): string | undefined {
  const rest = name.slice(setAsidePrefix.length);
  return isSetAside(name) && !/^[0-9a-f]{32}$/.test(rest) ? rest : undefined;
}

/** What gives a collection another name, for mongosh. */
export function renameCommand(from: string, to: string): string {
  return `db.getCollection(${JSON.stringify(from)}).renameCollection(${JSON.stringify(to)})`;
}

/** What a restore puts in front of names: of what it loads, and of what that takes the place of. */
export const restorePrefixes = { staged: 'restoring_', replaced: 'replaced_' } as const;
/** In bytes. The documents of a time series are kept under its name with `system.buckets.` in front. */
const longestRestoreNamespace = longestNamespace - Buffer.byteLength('system.buckets.');

/** Whether a collection has a name that only a restore gives. */
export function isRestoreName(name: string): boolean {
  return Object.values(restorePrefixes).some((prefix) => name.startsWith(prefix) && name !== prefix);
}

/** The name under which a restore loads a collection, beside the one that is there. A hash stands in for a long one. */
export function stagedName(database: string, name: string): string {
  return prefixed(restorePrefixes.staged, database, name, longestRestoreNamespace);
}

/** The name that a collection gets when a restore takes its place. A hash stands in for a long one. */
export function replacedName(database: string, name: string): string {
  return prefixed(restorePrefixes.replaced, database, name, longestRestoreNamespace);
}
