import type { Db } from 'mongodb';
import { expect } from 'vitest';
import { deploy } from '../../src/deploy';
import type { OwnServer } from '../support/own-server';
import type { RunningCommand } from '../support/running-command';
import type { SmallProject } from '../support/small-project';

export const hanging = 'hangAfterStartingIndexBuild';

/** Applies the first migration, which makes `users`, and puts a document there: only then is an index really built. */
export async function prepareUsers(server: OwnServer, db: Db, project: SmallProject): Promise<void> {
  const target = { url: server.server.url, database: db.databaseName };
  await deploy({ ...target, folder: project.folder, to: project.names[0] });
  await db.collection('users').insertOne({ email: 'ann@example.com' });
}

/** Starts a run and waits until it is in the middle: its first index build in `users` hangs. */
export async function hangInIndexBuild(
  server: OwnServer,
  db: Db,
  start: () => RunningCommand,
): Promise<RunningCommand> {
  await server.failPoint(hanging);
  const running = start();
  const indexes = async () => (await db.collection('users').listIndexes().toArray()).length;
  await expect.poll(indexes, { timeout: 30_000, interval: 20 }).toBeGreaterThan(1);
  return running;
}

/** Lets index builds go on. */
export function letGo(server: OwnServer): Promise<void> {
  return server.failPointOff(hanging);
}
