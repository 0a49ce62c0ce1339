import type { Db } from 'mongodb';
import { expect } from 'vitest';
import { readChangelog, readEvents, type StoredEvent } from '../../src/history';
import { release, tryTake } from '../../src/history/lease-document';
import { fold } from '../../src/schema';
import { liveSchema } from '../support/migrations';
import type { SmallProject } from '../support/small-project';

/** Everything is applied, each migration was applied once, and nobody holds the lease. */
export async function expectApplied(db: Db, { migrations, names }: SmallProject): Promise<void> {
  expect((await readChangelog(db)).map(({ fileName }) => fileName)).toEqual(names);
  const finished = (await readEvents(db)).filter(({ type, direction }) => type === 'finished' && direction === 'up');
  expect(finished.map(({ migration }) => migration)).toEqual(names);
  expect(await liveSchema(db, migrations)).toEqual(fold(migrations.flatMap(({ changes }) => changes)));
  await expectFree(db);
}

/** The next run would not have to wait. */
export async function expectFree(db: Db): Promise<void> {
  const grant = await tryTake(db, 'a test', 10);
  if (!grant) expect.fail('somebody still holds the lease');
  await release(db, grant);
}

/** What a process left in the history. */
export async function eventsOf(db: Db, pid: number): Promise<StoredEvent[]> {
  return (await readEvents(db)).filter((event) => event.pid === pid);
}
