import { MongoServerError, type Abortable, type Collection, type Db, type ReadPreferenceLike } from 'mongodb';
import { ownCollections } from '../schema';
import { majority } from './durability';

/** A row of the changelog: migrate-mongo's own format. */
export interface ChangelogRow {
  readonly fileName: string;
  readonly appliedAt: Date;
  /** The same for all migrations of one run: the time it began, in milliseconds since 1970. */
  readonly migrationBlock?: number;
}

function changelogOf(db: Db): Collection<ChangelogRow> {
  return db.collection<ChangelogRow>(ownCollections.changelog, { readPreference: 'primary', writeConcern: majority });
}

/** What is applied, in the order of the file names. */
export function readChangelog(db: Db): Promise<ChangelogRow[]> {
  return changelogOf(db)
    .find({}, { projection: { _id: 0 }, readConcern: 'majority' })
    .sort({ fileName: 1 })
    .toArray();
}

/** How the names are read: by what looks in passing, and must neither hold anybody up nor fail without a primary. */
export interface NamesOptions extends Abortable {
  readonly readPreference?: ReadPreferenceLike;
}

/** The names of what is applied, in order: answered by the index on them, without reading a row. */
export async function readAppliedNames(db: Db, options: NamesOptions = {}): Promise<string[]> {
  const rows = await changelogOf(db)
    .find({}, { ...options, projection: { _id: 0, fileName: 1 }, sort: { fileName: 1 }, readConcern: 'majority' })
    .toArray();
  return rows.map(({ fileName }) => fileName);
}

/**
 * Sees to it that no migration can be recorded twice.
 * @throws Error naming the way out when one is there twice already.
 */
export async function ensureChangelogIndex(db: Db): Promise<void> {
  try {
    await db.command({
      createIndexes: ownCollections.changelog,
      indexes: [{ name: 'fileName_1', key: { fileName: 1 }, unique: true }],
      writeConcern: majority,
    });
  } catch (error) {
    if (!(error instanceof MongoServerError) || error.code !== 11000) throw error;
    const { fileName } = (error['keyValue'] ?? {}) as { fileName?: string };
    throw new Error(
      `The changelog holds ${fileName ?? 'a migration'} more than once: two runs applied it side by side. ` +
        'Look at both rows, delete the later one, and run again.',
      { cause: error },
    );
  }
}

/** Records a migration; one that is recorded already stays as it is, so that a lost reply can be made good. */
export async function recordApplied(db: Db, fileName: string, migrationBlock: number): Promise<void> {
  const row = { appliedAt: new Date(), migrationBlock };
  await changelogOf(db).updateOne({ fileName }, { $setOnInsert: row }, { upsert: true });
}

export async function removeApplied(db: Db, fileName: string): Promise<void> {
  await changelogOf(db).deleteOne({ fileName });
}

/** Whether the changelog shows what a bare run was about to record: the row after `up`, none after `down`. */
export async function isRecorded(
  db: Db,
  { migration, direction }: { migration: string; direction: 'up' | 'down' },
): Promise<boolean> {
  const row = await changelogOf(db).findOne({ fileName: migration }, { readConcern: 'majority' });
  return direction === 'up' ? row !== null : row === null;
}
