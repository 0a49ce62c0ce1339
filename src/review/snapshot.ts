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
  /** What the migrations lead to. */
  readonly schema: Schema;
}

/** The folders that a snapshot is made of and written to; absolute paths. */
export interface SnapshotPaths {
  /** Files are named from here. */
  readonly project: string;
  readonly migrations: string;
  /** Where schema.json and SCHEMA.md go. */
  readonly schema: string;
  /** Where the page about the lint rules goes; it is not written unless given. */
  readonly docs?: string;
}

/**
 * The snapshot of the migrations as they are now: of their texts, and of the fold.
 * @param product what is generated from beside the migrations
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
    stale: now.generated.filter(isStale).map(({ name }) => name),
  };
}

/**
 * Looks whether the migrations that are to be frozen make the same changes everywhere.
 * @throws error with code `MIGRATION` that names those that do not, and what they depend on.
 */
export async function refuseDependent(now: Snapshot, paths: SnapshotPaths): Promise<void> {
  const { added, altered } = compareSnapshot(now, paths);
  const isToFreeze = ({ name }: { name: string }) => added.includes(name) || altered.includes(name);
  const unfrozen = loadMigrations(findMigrations(paths.migrations)).filter(isToFreeze);
  const found = [...(await dependenciesOf(unfrozen))];
  if (found.length === 0) return;
  throw new SchemaError('MIGRATION', 'A migration that makes other changes elsewhere cannot be frozen', {
    why: found.map(([name, on]) => `the changes of ${name} depend on ${on.join(', ')}`),
    fix: 'write such values out as literals; `lint --explain SM027` shows how',
  });
}

/**
 * Freezes migrations that are new, and writes the files that are generated from them.
 * @throws error with code `SNAPSHOT` when a frozen migration was altered or removed without being named in `amend`, `USAGE` for a
 *   name there that no migration has.
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
  return new SchemaError('SNAPSHOT', `${names.join(', ')}: frozen, and no longer as it was`, {
    why: 'a migration that was merged may have been applied somewhere',
    fix: `put it back and write a new one; if it was applied on your own machine only: npm run snapshot -- ${amend}`,
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
