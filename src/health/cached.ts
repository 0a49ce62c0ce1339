import type { Db } from 'mongodb';
// Applications load this file. Importing the index of the folder would load much more.
import { migrationName } from '../migration/name';
import { findMigrations } from '../project/find';
import { keptFor } from '../support/kept-for';
import { look, type CheckOptions, type Health } from './check';

/**
 * Options of health checks.
 * @category Health
 */
export interface HealthOptions extends CheckOptions {
  /** The names of the migrations that this version of the application needs. The default is the migrations of this package. */
  readonly migrations?: readonly string[];
  /** The folder of these migrations, instead of their names. The file names in this folder are read once. */
  readonly folder?: string;
  /** How long a result is reused for later requests, in milliseconds. The default is 1,000. */
  readonly maxAge?: number;
}

/** Checks the database now. */
export async function checkHealth(db: Db, options: Omit<HealthOptions, 'maxAge'> = {}): Promise<Health> {
  return look(db, namesIn(options), options);
}

/**
 * Returns a function that never runs two checks at the same time, and reuses a result for `maxAge`. Therefore, many requests cause only one
 * check.
 */
export function cachedHealth(db: Db, options: HealthOptions = {}): () => Promise<Health> {
  const { maxAge = 1_000 } = options;
  const names = namesIn(options);
  return keptFor(maxAge, () => look(db, names, options));
}

/** Returns the names in the options. This function has no default: only the entry point of a package knows the package's migrations. */
function namesIn({ folder, migrations = [] }: HealthOptions): readonly string[] {
  return folder === undefined ? migrations : findMigrations(folder).map(migrationName);
}
