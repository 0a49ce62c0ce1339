import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { checksumOfText, frozenName, readFrozen, type Frozen, type FrozenEntry } from '../history';
import { findMigrations, foldMigrations, loadMigrations } from '../migration';
import { hashChanges, type Schema } from '../schema';
import { generatedFiles, type GeneratedFile } from './generated-files';
import type { Relation } from './markdown';

export interface Snapshot {
  readonly frozen: Frozen;
  readonly generated: readonly GeneratedFile[];
  /** What the migrations lead to. */
  readonly schema: Schema;
}

/** The folders that a snapshot is made of and written to. */
export interface SnapshotPaths {
  readonly project: string;
  readonly migrations: string;
}

/** The snapshot of the migrations as they are now: of their texts, and of the fold. */
export function takeSnapshot({ migrations: folder }: SnapshotPaths, relations: readonly Relation[]): Snapshot {
  const files = findMigrations(folder);
  const migrations = loadMigrations(files);
  const frozen = migrations.map(({ name, changes }, at): [string, FrozenEntry] => [
    name,
    { text: checksumOfText(files[at] as string), changes: hashChanges(changes) },
  ]);
  const schema = foldMigrations(migrations);
  return {
    frozen: Object.fromEntries(frozen),
    generated: generatedFiles({ migrations, schema, relations }),
    schema,
  };
}

/** What a snapshot finds against the committed one. */
export interface SnapshotDifference {
  /** Migrations that are not frozen yet. */
  readonly added: readonly string[];
  /** Frozen migrations that are not as they were, with what changed. */
  readonly altered: readonly string[];
  /** Frozen migrations whose file is gone. */
  readonly removed: readonly string[];
  /** Generated files that are not what the migrations and rules lead to. */
  readonly stale: readonly string[];
}

export function compareSnapshot(now: Snapshot, paths: SnapshotPaths): SnapshotDifference {
  const committed = readFrozen(paths.migrations);
  const names = Object.keys(now.frozen);
  return {
    added: names.filter((name) => !committed[name]),
    altered: names.filter((name) => {
      const [before, after] = [committed[name], now.frozen[name]];
      return before && (before.text !== after?.text || before.changes !== after.changes);
    }),
    removed: Object.keys(committed).filter((name) => !now.frozen[name]),
    stale: now.generated.filter((file) => isStale(file, paths)).map(({ name }) => name),
  };
}

/**
 * Freezes migrations that are new, and writes the files that are generated from them.
 * @throws Error when a frozen migration was altered or removed without being named in `amend`.
 */
export function writeSnapshot(now: Snapshot, paths: SnapshotPaths, amend: readonly string[]): SnapshotDifference {
  const difference = compareSnapshot(now, paths);
  const refused = [...difference.altered, ...difference.removed].filter((name) => !amend.includes(name));
  if (refused.length > 0) throw new Error(describeRefusal(refused));
  writeFileSync(frozenFile(paths), JSON.stringify(now.frozen, null, 2) + '\n');
  for (const file of now.generated) write(file, paths);
  return difference;
}

function describeRefusal(names: readonly string[]): string {
  return (
    `${names.join(', ')}: frozen, and no longer as it was. A migration that was merged may have been applied somewhere, ` +
    'so put it back and write a new one. If it was applied nowhere but on your own machine: ' +
    `npm run snapshot -- ${names.map((name) => `--amend ${name}`).join(' ')}`
  );
}

function frozenFile({ migrations }: SnapshotPaths): string {
  return path.join(migrations, frozenName);
}

function isStale({ name, text }: GeneratedFile, { project }: SnapshotPaths): boolean {
  const committed = readIfThere(path.join(project, name));
  return committed === undefined || committed !== text(committed);
}

function write({ name, text }: GeneratedFile, { project }: SnapshotPaths): void {
  const file = path.join(project, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text(readIfThere(file)));
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').replaceAll('\r\n', '\n');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
