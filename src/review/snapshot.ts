import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { checksumOfText, frozenName, readFrozen, resolveName, type Frozen, type FrozenEntry } from '../project';
import { dependenciesOf, findMigrations, loadMigrations, refuseUnknownTargets } from '../project';
import { foldMigrations } from '../migration';
import { hashChanges, type Schema } from '../schema';
import { generatedFiles, type GeneratedFile, type Sources } from './generated-files';
import { SchemaError } from '../support/schema-error';

export interface Snapshot {
  readonly frozen: Frozen;
  readonly generated: readonly GeneratedFile[];
  /** The schema that the migrations create. */
  readonly schema: Schema;
}

/** The folders for reading and writing a snapshot, as absolute paths. */
export interface SnapshotPaths {
  /** The project's folder. The names of generated files are relative to it. */
  readonly project: string;
  readonly migrations: string;
  /** The folder of schema.json and SCHEMA.md. */
  readonly schema: string;
  /** The folder for the page about the lint rules. Without this folder, the page is not written. */
  readonly docs?: string;
}

/**
 * Takes the snapshot of the current migrations: of their texts, and of the schema that they create.
 * @param product further sources of generated files
 */
export function takeSnapshot(paths: SnapshotPaths, product: Pick<Sources, 'relations' | 'languages'>): Snapshot {
  const files = findMigrations(paths.migrations);
  const migrations = loadMigrations(files);
  refuseUnknownTargets(migrations, readFrozen(paths.migrations));
  const frozen = migrations.map(({ name, changes }, at): [string, FrozenEntry] => [
    name,
    { text: checksumOfText(files[at] as string), changes: hashChanges(changes) },
  ]);
  const schema = foldMigrations(migrations);
  return {
    frozen: Object.fromEntries(frozen),
    generated: generatedFiles(
      { migrations, schema, relations: product.relations, languages: product.languages },
      paths,
    ),
    schema,
  };
}

/** The differences from the committed snapshot. */
export interface SnapshotDifference {
  /** Migrations that are not frozen yet. */
  readonly added: readonly string[];
  /** Frozen migrations that were changed, and what changed. */
  readonly altered: readonly string[];
  /** Frozen migrations whose file is missing. */
  readonly removed: readonly string[];
  /** Generated files that are out of date. */
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
    stale: now.generated.filter(isStale).map(({ name }) => name),
  };
}

/**
 * Checks that the migrations to freeze make the same changes everywhere.
 * @throws error with code `MIGRATION` that names the migrations that may make other changes elsewhere, and what they depend on
 */
export async function refuseDependent(now: Snapshot, paths: SnapshotPaths): Promise<void> {
  const { added, altered } = compareSnapshot(now, paths);
  const isToFreeze = ({ name }: { name: string }) => added.includes(name) || altered.includes(name);
  const unfrozen = loadMigrations(findMigrations(paths.migrations)).filter(isToFreeze);
  const found = [...(await dependenciesOf(unfrozen))];
  if (found.length === 0) return;
  throw new SchemaError('MIGRATION', 'A migration whose changes differ between environments cannot be frozen', {
    why: found.map(([name, on]) => `the changes of ${name} depend on ${on.join(', ')}`),
    fix: 'write such values as literals; `lint --explain SM027` shows how',
  });
}

/**
 * Freezes new migrations (records their hashes in frozen.json), and writes the generated files.
 * @throws error with code `SNAPSHOT` when a frozen migration was changed or removed and is not named in `amend`; `USAGE` for an
 *   unknown name in `amend`
 */
export function writeSnapshot(now: Snapshot, paths: SnapshotPaths, amend: readonly string[]): SnapshotDifference {
  const difference = compareSnapshot(now, paths);
  const names = [...Object.keys(now.frozen), ...difference.removed];
  const amended = amend.map((name) => resolveName(names, name));
  const refused = [...difference.altered, ...difference.removed].filter((name) => !amended.includes(name));
  if (refused.length > 0) throw refusal(refused);
  writeFileSync(frozenFile(paths), JSON.stringify(now.frozen, null, 2) + '\n');
  for (const generated of now.generated) write(generated);
  return difference;
}

function refusal(names: readonly string[]): SchemaError {
  const amend = names.map((name) => `--amend ${name}`).join(' ');
  return new SchemaError('SNAPSHOT', `changed after being frozen: ${names.join(', ')}`, {
    why: 'a migration that was merged may have been applied somewhere',
    fix: `restore the migration, and write a new one; if it was applied only on your own machine: npm run snapshot -- ${amend}`,
  });
}

function frozenFile({ migrations }: SnapshotPaths): string {
  return path.join(migrations, frozenName);
}

function isStale({ file, text }: GeneratedFile): boolean {
  const committed = readIfThere(file);
  return committed === undefined || committed !== text(committed);
}

function write({ file, text }: GeneratedFile): void {
  const now = text(readIfThere(file));
  if (now === undefined) {
    rmSync(file);
    return;
  }
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, now);
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').replaceAll('\r\n', '\n');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
