import type { Db } from 'mongodb';
import { inspectServer } from '../../src/database';
import { type Migration } from '../../src/migration';
import { type Session } from '../../src/execute';
import { documentKeys, fold, type Schema } from '../../src/schema';
import { readSchema } from '../../src/database';

/** Returns a session for writes without restrictions. */
export async function sessionOn(db: Db, options: Partial<Session> = {}): Promise<Session> {
  const { isReplicaSet } = await inspectServer(db);
  return { db, isReplicaSet, guard: () => Promise.resolve(), ddlWait: 5_000, allowDataLoss: false, ...options };
}

/** Returns the whole live schema, with the reference documents of all migrations. */
export async function liveSchema(db: Db, migrations: readonly Migration[]): Promise<Schema> {
  const everything = fold(migrations.flatMap(({ changes }) => changes));
  return (await readSchema(db, { documents: documentKeys(everything) })).schema;
}
