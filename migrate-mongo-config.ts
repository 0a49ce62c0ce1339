import { existsSync } from 'node:fs';
import path from 'node:path';
import { config as loadDotenv } from 'dotenv';
import { product } from './product';
import { defaultUrl, readConfig } from './src/database/environment';
import { clientOptions } from './src/database/client';
import { findMigrations, handToMigrateMongo } from './src/project';
import { changelogLockOf, ownCollections } from './src/schema';
import { MongoUrl } from './src/support/mongo-url';
import { processEnv } from './src/support/process-env';

loadDotenv({ quiet: true });
const {
  url = new MongoUrl(defaultUrl),
  database = product.defaultDatabase,
  changelog = ownCollections.changelog,
  migrations = 'migrations',
} = readConfig(processEnv());

/** The folder that migrate-mongo works on: its own option `--migrations-dir` wins. */
function folder(): string {
  const { options } = globalThis as { readonly options?: { readonly migrationsDir?: string } };
  return path.resolve(options?.migrationsDir ?? migrations);
}

// Before it lists anything: what it would pass by, or run by another name, is refused.
if (existsSync(folder())) findMigrations(folder());
handToMigrateMongo(folder);

/** What a bare `npx migrate-mongo` reads. */
export default {
  mongodb: { url: url.withoutOverridden().reveal(), databaseName: database, options: clientOptions },
  migrationsDir: migrations,
  migrationFileExtension: '.ts',
  moduleSystem: 'commonjs',
  changelogCollectionName: changelog,
  lockCollectionName: changelogLockOf(changelog),
  // Off: it is checked and then taken, never renewed, and cleared by whoever ends first.
  lockTtl: 0,
  // Off: it would run an edited migration again.
  useFileHash: false,
};
