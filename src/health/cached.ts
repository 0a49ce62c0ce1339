import { findMigrations } from '../project';
import { migrationName } from '../migration';
import { ownMigrations } from '../project';
import type { Db } from 'mongodb';
import { look, type CheckOptions, type Health } from './check';

/**
 * How to look.
 * @category Health
 */
export interface HealthOptions extends CheckOptions {
  /** The folder of the migrations; this package's own unless given. Only the names of its files are read, and once. */
  readonly folder?: string;
  /** How long an answer serves whoever asks next, in milliseconds: 1,000. */
  readonly maxAge?: number;
}

/**
 * Looks at a database now.
 * @returns how it does, also when no server answers.
 * @throws error when the folder of the migrations cannot be read.
 * @category Health
 */
export async function checkHealth(db: Db, options: Omit<HealthOptions, 'maxAge'> = {}): Promise<Health> {
  return look(db, namesIn(options.folder), options);
}

/** Looks at a database at most once at a time, and not again for a while: a storm of probes costs one look. */
export function cachedHealth(db: Db, options: HealthOptions = {}): () => Promise<Health> {
  const { maxAge = 1_000 } = options;
  const names = namesIn(options.folder);
  let latest: Promise<Health> | undefined;
  let freshUntil = Infinity;
  return () => {
    if (latest && performance.now() < freshUntil) return latest;
    freshUntil = Infinity;
    latest = look(db, names, options).finally(() => {
      freshUntil = performance.now() + maxAge;
    });
    return latest;
  };
}

function namesIn(folder: string = ownMigrations): string[] {
  return findMigrations(folder).map(migrationName);
}
