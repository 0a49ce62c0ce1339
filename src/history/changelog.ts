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

/** A row of the changelog, in migrate-mongo's own format. A migration is applied if and only if it has a row. */
export interface ChangelogRow {
  readonly fileName: string;
  /** When the migration was applied; undefined when the row contains no date. */
  readonly appliedAt?: Date;
  /** The start of the run, in milliseconds since 1970. All migrations of one run have the same value. */
  readonly migrationBlock?: number;
}

function changelogOf(db: Db, name = changelogName(db)): Collection<ChangelogRow> {
  return db.collection<ChangelogRow>(name, { readPreference: 'primary', writeConcern: majority });
}

/**
 * Returns the applied migrations, in the order of the file names.
 * @throws error with code `FOREIGN_DATABASE` when no document of the collection names a migration.
 * @throws error with code `HISTORY` when some documents of the collection do not name a migration.
 */
export async function readChangelog(db: Db): Promise<ChangelogRow[]> {
  // People and other tools write to the changelog too, so a row may have any shape. An application may have a large collection of the same
  // name, so only three fields are read.
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

/**
 * Returns an error for an application's collection that has the name of the changelog. The error names the fields of the collection, but no
 * values.
 */
async function foreignChangelogError(db: Db, count: number): Promise<SchemaError> {
  const name = changelogName(db);
  const one = await changelogOf(db).findOne<Document>({});
  const fields = Object.keys(one ?? {}).filter((field) => field !== '_id');
  const summary = `The collection ${name} of ${db.databaseName} is not a changelog of migrations, so nothing was changed`;
  return new SchemaError('FOREIGN_DATABASE', summary, {
    why: [
      `it holds ${documents(count)}, none with a fileName`,
      ...(fields.length > 0 ? [`one document has the fields ${fields.slice(0, 10).join(', ')}`] : []),
    ],
    fix: 'if this is the wrong database, correct MONGODB_URL and MONGODB_DATABASE; if an application uses this collection, name another changelog with MONGODB_CHANGELOG, for every program that works with this database',
  });
}

const shownRows = 5;

function namelessError(db: Db, rows: readonly Document[]): SchemaError {
  const ids = rows.slice(0, shownRows).map(({ _id }) => inspect(_id, { depth: 1 }).replaceAll(/\s+/g, ' '));
  const more = rows.length > shownRows ? `, and ${rows.length - shownRows} more` : '';
  const what = rows.length === 1 ? 'a row that names no migration' : `${rows.length} rows that name no migration`;
  return new SchemaError('HISTORY', `The changelog holds ${what}, so nothing was changed`, {
    why: `fileName is not a string in the rows with the _id ${ids.join(', ')}${more}`,
    fix: `find these rows with db.${changelogName(db)}.find({ fileName: { $not: { $type: 'string' } } }); set the fileName of each to the name of its migration, or delete the row`,
  });
}

/**
 * Options for reading the names of applied migrations. A health check uses these options, because it must not block, and must work without
 * a primary.
 */
export interface NamesOptions extends Abortable {
  readonly readPreference?: ReadPreferenceLike;
  /** The name of the changelog. The default is the name that the connection sets. */
  readonly changelog?: string | undefined;
}

/** Returns the names of the applied migrations, in order. The server answers from the index on the names, without reading a row. */
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
 * Makes sure that no migration can be recorded twice.
 * @throws error with code `HISTORY` when a migration is recorded twice already.
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
        fix: 'compare the two rows, delete the later one, and run again',
        cause: error,
      },
    );
  }
}

/** Records a migration as applied. Does nothing when the migration is already recorded, so the call can be repeated after a lost reply. */
export async function recordApplied(db: Db, fileName: string, migrationBlock: number): Promise<void> {
  const row = { appliedAt: new Date(), migrationBlock };
  await changelogOf(db).updateOne({ fileName }, { $setOnInsert: row }, { upsert: true });
}

export async function removeApplied(db: Db, fileName: string): Promise<void> {
  await changelogOf(db).deleteOne({ fileName });
}

/**
 * Returns whether the changelog contains the result of a migration that migrate-mongo itself records: a row after `up`, no row after
 * `down`.
 */
export async function isRecorded(
  db: Db,
  { migration, direction }: { migration: string; direction: 'up' | 'down' },
): Promise<boolean> {
  const row = await changelogOf(db).findOne({ fileName: migration }, { readConcern: 'majority' });
  return direction === 'up' ? row !== null : row === null;
}
