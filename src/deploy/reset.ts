import { isHeld } from '../history';
import { withReads } from '../database/connection';
import { isOwnIn, majority, type Target } from '../database';
import { openProject } from '../project/project';
import { isSetAside, namesOfChanges } from '../schema';
import { firstOf } from '../support/counts';
import { SchemaError } from '../support/schema-error';

export interface ResetOptions extends Target {
  /** The folder of the migrations. The default is this repository's own. */
  readonly folder?: string | undefined;
  /** Whether a person named the database. This is required when the database has collections that no migration makes. */
  readonly isNamed: boolean;
}

export interface ResetReport {
  readonly database: string;
  /** The collections and views of the dropped database. */
  readonly dropped: readonly string[];
}

/**
 * Drops a whole database, with every document and the history of the migrations.
 * @throws error with code `FOREIGN_DATABASE` when the database has collections that no migration makes, and nobody named it; with code
 *   `LOCKED` while a run is working on it.
 */
export async function reset(options: ResetOptions): Promise<ResetReport> {
  const changes = openProject(options.folder)
    .load()
    .flatMap((migration) => migration.changes);
  const known = namesOfChanges(changes);
  return withReads(options, async ({ db }) => {
    const found = await db.listCollections({}, { nameOnly: true, readPreference: 'primary' }).toArray();
    const names = found.map(({ name }) => name).filter((name) => !name.startsWith('system.'));
    const others = names.filter((name) => !known.has(name) && !isOwnIn(db, name) && !isSetAside(name)).sort();
    if (others.length > 0 && !options.isNamed) throw othersError(db.databaseName, others);
    if (await isHeld(db)) {
      throw new SchemaError('LOCKED', `A run is working on ${db.databaseName}, so nothing was dropped`, {
        fix: 'try again when that run has ended; `unlock` shows who began that run',
      });
    }
    await db.dropDatabase({ writeConcern: majority });
    return { database: db.databaseName, dropped: names.sort() };
  });
}

const shown = 10;

function othersError(database: string, others: readonly string[]): SchemaError {
  return new SchemaError(
    'FOREIGN_DATABASE',
    `${database} has collections that no migration makes, so nothing was dropped`,
    {
      why: `it holds ${firstOf(others, shown)}`,
      fix: `to drop them too, name the database: \`reset --database ${database}\``,
    },
  );
}
