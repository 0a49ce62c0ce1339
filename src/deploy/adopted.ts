import type { Db } from 'mongodb';
import { knowsMigrations } from '../history';
import { isOwnCollection } from '../schema';

/**
 * Refuses a database that holds collections and no trace of migrations: it may be another one than was meant, or one
 * that was made by hand.
 * @throws Error naming the collections that were found.
 */
export async function refuseForeignDatabase(db: Db): Promise<void> {
  const found = await db.listCollections({}, { nameOnly: true, readPreference: 'primary' }).toArray();
  const names = found.map(({ name }) => name).filter((name) => !name.startsWith('system.'));
  const foreign = names.filter((name) => !isOwnCollection(name)).sort();
  if (foreign.length === 0 || (await knowsMigrations(db))) return;
  const shown = foreign.slice(0, 20).join(', ') + (foreign.length > 20 ? `, and ${foreign.length - 20} more` : '');
  throw new Error(
    `The database ${db.databaseName} holds collections and no changelog, so nothing was changed: ${shown}. ` +
      'If it is the right one, `baseline` marks as applied what it has already; `deploy --adopt` goes on without that.',
  );
}
