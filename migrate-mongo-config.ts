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

/** Returns the folder of migrate-mongo. Its own option `--migrations-dir` takes precedence. */
function folder(): string {
  const { options } = globalThis as { readonly options?: { readonly migrationsDir?: string } };
  return path.resolve(options?.migrationsDir ?? migrations);
}

// Check the folder first: refuse files that migrate-mongo would ignore, or run under another name.
if (existsSync(folder())) findMigrations(folder());
handToMigrateMongo(folder);

/** The configuration of a bare `npx migrate-mongo`. */
export default {
  mongodb: { url: url.withoutOverridden().reveal(), databaseName: database, options: clientOptions },
  migrationsDir: migrations,
  migrationFileExtension: '.ts',
  moduleSystem: 'commonjs',
  changelogCollectionName: changelog,
  lockCollectionName: changelogLockOf(changelog),
  // Off: its lock is not taken atomically, is never renewed, and any run that ends first clears it.
  lockTtl: 0,
  // Off: it would run an edited migration again.
  useFileHash: false,
};
