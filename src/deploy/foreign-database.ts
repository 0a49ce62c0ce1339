import type { Db } from 'mongodb';
import { knowsMigrations, refuseUnfinished } from '../history';
import { changelogName, isOwnIn } from '../database';
import { ownCollections } from '../schema';
import { firstOf } from '../support/counts';
import { SchemaError } from '../support/schema-error';

/**
 * Refuses a database that has collections and no record of migrations. Such a database may be the wrong one, or may have been made by hand.
 * @throws error that names the collections; with code `HISTORY` when the database is half restored.
 */
export async function refuseForeignDatabase(db: Db): Promise<void> {
  // For nearly every run, two small reads are enough. The list of collections is read only if they find nothing, because it may have
  // thousands of entries.
  if (await knowsMigrations(db)) return;
  const found = await db.listCollections({}, { nameOnly: true, readPreference: 'primary' }).toArray();
  const names = found.map(({ name }) => name).filter((name) => !name.startsWith('system.'));
  const changelog = changelogName(db);
  // When the changelog has another name, a collection with the default name belongs to someone else.
  const isForeign = (name: string) => !isOwnIn(db, name) || (name === ownCollections.changelog && name !== changelog);
  const foreign = names.filter(isForeign).sort();
  if (foreign.length === 0) return;
  // An interrupted restore may have renamed the changelog.
  await refuseUnfinished(db);
  throw new SchemaError(
    'FOREIGN_DATABASE',
    `The database ${db.databaseName} has collections and no changelog, so nothing was changed`,
    {
      why: `it holds ${firstOf(foreign, 20)}`,
      fix: 'if this is the right database, `baseline` marks the migrations whose changes it already has as applied; `deploy --adopt` deploys without marking them',
    },
  );
}
