import { withReads, type Target } from '../../database';
import { openProject, resolveName } from '../../project';
import { foldMigrations, type Migration } from '../../migration';
import { documentKeys, emptySchema, type Change, type Schema } from '../../schema';
import { readSchema } from '../../database';
import { SchemaError } from '../../support/schema-error';

/** A schema and the point of history that it belongs to. */
export interface Point {
  /** `empty`, `live`, or the name of the last migration. */
  readonly name: string;
  readonly schema: Schema;
  /** The changes of the migrations up to this point; undefined for `live`, where they are unknown. */
  readonly changes?: readonly Change[];
  /** The migrations up to this point; undefined for `live`. */
  readonly migrations?: readonly Migration[];
}

/** The names of points that are not migrations. */
export const pointWords = { empty: 'empty', head: 'head', live: 'live' } as const;

export interface PointOptions {
  /** The folder of the migrations. The default is the folder in this repository. */
  readonly folder?: string | undefined;
  /** The live database; needed only for `live`. */
  readonly target?: Target | undefined;
}

/**
 * Returns the schemas at points of the history: before the first migration (`empty`), after the last one (`head`), after any other one
 * (its name, or a unique part of its name), or on the server (`live`).
 * @throws error with code `USAGE` for a name that no migration has, or that matches several
 */
export async function readPoints(wanted: readonly string[], options: PointOptions): Promise<Point[]> {
  const migrations = openProject(options.folder).load();
  const points = wanted.map((word) => (word === pointWords.live ? undefined : historyPoint(migrations, word)));
  const result: Point[] = [];
  for (const point of points) result.push(point ?? (await livePoint(migrations, options.target)));
  return result;
}

function historyPoint(migrations: readonly Migration[], word: string): Point {
  if (word === pointWords.empty) return { name: word, schema: emptySchema, changes: [], migrations: [] };
  const names = migrations.map(({ name }) => name);
  const name = word === pointWords.head ? names.at(-1) : resolveName(names, word, Object.values(pointWords));
  if (name === undefined) return { name: pointWords.empty, schema: emptySchema };
  const applied = migrations.slice(0, names.indexOf(name) + 1);
  const changes = applied.flatMap((migration) => migration.changes);
  return { name, schema: foldMigrations(applied), changes, migrations: applied };
}

/** Reads the live schema. It includes the reference documents of all migrations, applied or not. */
async function livePoint(migrations: readonly Migration[], target: Target | undefined): Promise<Point> {
  if (!target) throw new SchemaError('USAGE', '`live` needs a server', { fix: 'set MONGODB_URL, or add --embedded' });
  const documents = documentKeys(foldMigrations(migrations));
  const { schema } = await withReads(target, ({ db }) => readSchema(db, { documents }));
  return { name: pointWords.live, schema };
}
