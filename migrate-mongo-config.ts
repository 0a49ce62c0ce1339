import { config as loadDotenv } from 'dotenv';
import { clientOptions, defaultUrl, readConfig, withoutOverridden } from './src/config';
import { ownCollections } from './src/schema';

loadDotenv({ quiet: true });
const { url = defaultUrl, database } = readConfig();

/** What a bare `npx migrate-mongo` reads. */
export default {
  mongodb: { url: withoutOverridden(url).url, databaseName: database, options: clientOptions },
  migrationsDir: 'migrations',
  migrationFileExtension: '.ts',
  moduleSystem: 'commonjs',
  changelogCollectionName: ownCollections.changelog,
  lockCollectionName: ownCollections.changelogLock,
  // Off: it is checked and then taken, never renewed, and cleared by whoever ends first.
  lockTtl: 0,
  // Off: it would run an edited migration again.
  useFileHash: false,
};
