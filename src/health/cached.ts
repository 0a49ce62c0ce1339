import type { Db } from 'mongodb';
// Applications load this: the rooms that hold these import much more.
import { migrationName } from '../migration/name';
import { findMigrations } from '../project/find';
import { keptFor } from '../support/kept-for';
import { look, type CheckOptions, type Health } from './check';

/**
 * How to look.
 * @category Health
 */
export interface HealthOptions extends CheckOptions {
  /** The names of the migrations that this version of the application needs; this package's own unless given. */
  readonly migrations?: readonly string[];
  /** The folder of these migrations, instead of their names. Only the names of its files are read, and once. */
  readonly folder?: string;
  /** How long an answer is reused for later requests, in milliseconds; 1,000 unless given. */
  readonly maxAge?: number;
}

/** Looks at a database now. */
export async function checkHealth(db: Db, options: Omit<HealthOptions, 'maxAge'> = {}): Promise<Health> {
  return look(db, namesIn(options), options);
}

/** Looks at a database at most once at a time, and not again for a while: a storm of probes costs one look. */
export function cachedHealth(db: Db, options: HealthOptions = {}): () => Promise<Health> {
  const { maxAge = 1_000 } = options;
  const names = namesIn(options);
  return keptFor(maxAge, () => look(db, names, options));
}

/** No names unless they are given: only the entry point of a package knows which migrations the package has. */
function namesIn({ folder, migrations = [] }: HealthOptions): readonly string[] {
  return folder === undefined ? migrations : findMigrations(folder).map(migrationName);
}
