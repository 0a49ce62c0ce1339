import type { Db } from 'mongodb';
import { knowsMigrations, refuseUnfinished } from '../history';
import { changelogName, isOwnIn } from '../database';
import { ownCollections } from '../schema';
import { SchemaError } from '../support/schema-error';

/**
 * Refuses a database that holds collections and no trace of migrations: it may be another one than was meant, or one
 * that was made by hand.
 * @throws error naming the collections that were found; with code `HISTORY` when it is half restored.
 */
export async function refuseForeignDatabase(db: Db): Promise<void> {
  const found = await db.listCollections({}, { nameOnly: true, readPreference: 'primary' }).toArray();
  const names = found.map(({ name }) => name).filter((name) => !name.startsWith('system.'));
  const changelog = changelogName(db);
  // Where the changelog goes by another name, what has its usual one is somebody else's.
  const isForeign = (name: string) => !isOwnIn(db, name) || (name === ownCollections.changelog && name !== changelog);
  const foreign = names.filter(isForeign).sort();
  if (foreign.length === 0 || (await knowsMigrations(db))) return;
  // A restore that was cut off may have set the changelog aside.
  await refuseUnfinished(db);
  const shown = foreign.slice(0, 20).join(', ') + (foreign.length > 20 ? `, and ${foreign.length - 20} more` : '');
  throw new SchemaError(
    'FOREIGN_DATABASE',
    `The database ${db.databaseName} holds collections and no changelog, so nothing was changed`,
    {
      why: `it holds ${shown}`,
      fix: 'if it is the right one, `baseline` marks as applied what it has already; `deploy --adopt` goes on without that',
    },
  );
}
