import { inspect } from 'node:util';
import {
  MongoServerError,
  type Document,
  type Abortable,
  type Collection,
  type Db,
  type ReadPreferenceLike,
} from 'mongodb';
import { changelogName } from '../database/changelog-name';
import { majority } from '../database/durability';
import { documents } from '../support/counts';
import { SchemaError } from '../support/schema-error';
import { isDate } from './shapes';

/** A row of the changelog: migrate-mongo's own format. The row alone says that a migration is applied. */
export interface ChangelogRow {
  readonly fileName: string;
  /** Absent where the row holds no date. */
  readonly appliedAt?: Date;
  /** The same for all migrations of one run: the time it began, in milliseconds since 1970. */
  readonly migrationBlock?: number;
}

function changelogOf(db: Db, name = changelogName(db)): Collection<ChangelogRow> {
  return db.collection<ChangelogRow>(name, { readPreference: 'primary', writeConcern: majority });
}

/**
 * What is applied, in the order of the file names.
 * @throws error with code `FOREIGN_DATABASE` when no document of the collection names a migration.
 * @throws error with code `HISTORY` when some do not.
 */
export async function readChangelog(db: Db): Promise<ChangelogRow[]> {
  // People and other tools write here too, so a row may have any shape.
  // An application's own collection of that name may be large, so three fields are read.
  const rows = await changelogOf(db)
    .find<Document>({}, { projection: { fileName: 1, appliedAt: 1, migrationBlock: 1 }, readConcern: 'majority' })
    .sort({ fileName: 1 })
    .toArray();
  if (rows.length > 0 && rows.every(({ fileName }) => fileName === undefined)) {
    throw await foreignChangelogError(db, rows.length);
  }
  const nameless = rows.filter(({ fileName }) => typeof fileName !== 'string');
  if (nameless.length > 0) throw namelessError(db, nameless);
  return rows.map(({ fileName, appliedAt, migrationBlock }) => ({
    fileName: fileName as string,
    ...(isDate(appliedAt) && { appliedAt }),
    ...(typeof migrationBlock === 'number' && { migrationBlock }),
  }));
}

/** An application may keep something else in a collection of that name. Its fields are named, and no value. */
async function foreignChangelogError(db: Db, count: number): Promise<SchemaError> {
  const name = changelogName(db);
  const one = await changelogOf(db).findOne<Document>({});
  const fields = Object.keys(one ?? {}).filter((field) => field !== '_id');
  const summary = `The collection ${name} of ${db.databaseName} is not a changelog of migrations, so nothing was changed`;
  return new SchemaError('FOREIGN_DATABASE', summary, {
    why: [
      `it holds ${documents(count)}, and none has a fileName`,
      ...(fields.length > 0 ? [`one has the fields ${fields.slice(0, 10).join(', ')}`] : []),
    ],
    fix: 'correct MONGODB_URL and MONGODB_DATABASE if it is the wrong database; if an application keeps that collection, name another one for the migrations with MONGODB_CHANGELOG, for every program that works with this database',
  });
}

const shownRows = 5;

function namelessError(db: Db, rows: readonly Document[]): SchemaError {
  const ids = rows.slice(0, shownRows).map(({ _id }) => inspect(_id, { depth: 1 }).replaceAll(/\s+/g, ' '));
  const more = rows.length > shownRows ? `, and ${rows.length - shownRows} more` : '';
  const what = rows.length === 1 ? 'a row that names no migration' : `${rows.length} rows that name no migration`;
  return new SchemaError('HISTORY', `The changelog holds ${what}, so nothing was changed`, {
    why: `fileName is not a text in the rows with the _id ${ids.join(', ')}${more}`,
    fix: `look at them with db.${changelogName(db)}.find({ fileName: { $not: { $type: 'string' } } }); write the name of the migration into each, or delete it`,
  });
}

/** How the names are read: by what looks in passing, and must neither hold anybody up nor fail without a primary. */
export interface NamesOptions extends Abortable {
  readonly readPreference?: ReadPreferenceLike;
  /** The name of the changelog; that of the connection unless given. */
  readonly changelog?: string | undefined;
}

/** The names of what is applied, in order: answered by the index on them, without reading a row. */
export async function readAppliedNames(db: Db, { changelog, ...options }: NamesOptions = {}): Promise<string[]> {
  const rows = await changelogOf(db, changelog)
    .find<Document>(
      {},
      { ...options, projection: { _id: 0, fileName: 1 }, sort: { fileName: 1 }, readConcern: 'majority' },
    )
    .toArray();
  return rows.flatMap(({ fileName }) => (typeof fileName === 'string' ? [fileName] : []));
}

/**
 * Sees to it that no migration can be recorded twice.
 * @throws error with code `HISTORY` when a migration is there twice already.
 */
export async function ensureChangelogIndex(db: Db): Promise<void> {
  try {
    await db.command({
      createIndexes: changelogName(db),
      indexes: [{ name: 'fileName_1', key: { fileName: 1 }, unique: true }],
      writeConcern: majority,
    });
  } catch (error) {
    if (!(error instanceof MongoServerError) || error.code !== 11000) throw error;
    const { fileName } = (error['keyValue'] ?? {}) as { fileName?: unknown };
    throw new SchemaError(
      'HISTORY',
      `The changelog holds ${typeof fileName === 'string' ? fileName : 'a migration'} more than once`,
      {
        why: 'two runs applied it at the same time, or a row was copied',
        fix: 'look at both rows, delete the later one, and run again',
        cause: error,
      },
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
