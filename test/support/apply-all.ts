import type { Db } from 'mongodb';
import { inject } from 'vitest';
import { recordApplied } from '../../src/history';
import { projectMigrations } from './migrations';

/** Applies every migration as migrate-mongo does: each by its own `up`, then its row in the changelog. */
export async function applyAll({ db }: { db: Db }): Promise<void> {
  // A bare run takes its lease where the environment points to.
  process.env['MONGODB_URL'] ??= inject('mongodb').url;
  for (const migration of projectMigrations()) {
    await migration.up(db);
    await recordApplied(db, migration.name, 1);
  }
}
