import path from 'node:path';
import type { Db } from 'mongodb';
import { findMigrations, inspectServer, loadMigrations, type Migration, type Session } from '../../src/migration';
import { documentKeys, fold, readSchema, type Schema } from '../../src/schema';

/** Every migration of the project, found in its folder. */
export function projectMigrations(): Migration[] {
  return loadMigrations(findMigrations(path.join(__dirname, '..', '..', 'migrations')));
}

/** What a run writes through, with nothing in its way. */
export async function sessionOn(db: Db, options: Partial<Session> = {}): Promise<Session> {
  const { isReplicaSet } = await inspectServer(db);
  return { db, isReplicaSet, guard: () => Promise.resolve(), ddlWait: 5_000, allowDataLoss: false, ...options };
}

/** The whole live schema, with the reference documents of all migrations. */
export async function liveSchema(db: Db, migrations: readonly Migration[]): Promise<Schema> {
  const everything = fold(migrations.flatMap(({ changes }) => changes));
  return (await readSchema(db, { documents: documentKeys(everything) })).schema;
}
