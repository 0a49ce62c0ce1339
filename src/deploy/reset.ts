import { isHeld } from '../history';
import { withReads } from '../database/connection';
import { isOwnIn, majority, type Target } from '../database';
import { openProject } from '../project/project';
import { isSetAside, namesOfChanges } from '../schema';
import { SchemaError } from '../support/schema-error';

export interface ResetOptions extends Target {
  /** The folder of the migrations; this repository's own unless given. */
  readonly folder?: string | undefined;
  /** Whether a person named the database: only then one goes that holds what no migration makes. */
  readonly isNamed: boolean;
}

export interface ResetReport {
  readonly database: string;
  /** The collections and views that were there. */
  readonly dropped: readonly string[];
}

/**
 * Drops a whole database, with every document and the history of the migrations.
 * @throws error with code `FOREIGN_DATABASE` for one that holds what no migration makes, and that nobody named; with code `LOCKED`
 *   while a run is at work on it.
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
      throw new SchemaError('LOCKED', `A run is at work on ${db.databaseName}, so nothing was dropped`, {
        fix: 'run it again when that has ended; `unlock` tells who began it',
      });
    }
    await db.dropDatabase({ writeConcern: majority });
    return { database: db.databaseName, dropped: names.sort() };
  });
}

const shown = 10;

function othersError(database: string, others: readonly string[]): SchemaError {
  const more = others.length > shown ? `, and ${others.length - shown} more` : '';
  return new SchemaError('FOREIGN_DATABASE', `${database} holds what no migration makes, so nothing was dropped`, {
    why: `it holds ${others.slice(0, shown).join(', ')}${more}`,
    fix: `if that may go with it, name the database: \`reset --database ${database}\``,
  });
}
