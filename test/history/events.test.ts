import { Timestamp } from 'mongodb';
import { beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import {
  ensureHistoryIndex,
  readEvents,
  recorderFor,
  takeLease,
  type HistoryEvent,
  type Lease,
} from '../../src/history';
import { ensureChangelogIndex, readChangelog, recordApplied, removeApplied } from '../../src/history/changelog';
import { appendEvent } from '../../src/history/events';
import { lockOf } from '../../src/history/lease-document';
import { useDatabase } from '../support/database';
import { a, b, event } from './events';

const database = useDatabase();
beforeEach(async () => {
  await database.db.dropDatabase();
  await ensureHistoryIndex(database.db);
});

const numbered = (token: number, sequence: number, attempt = 'x'): HistoryEvent => {
  const { at, ...rest } = event('started', a, { token, sequence, attempt });
  return rest;
};
const stored = () => database.db.collection('schema_history').find().toArray();

it('An event is stored with the time of the server, not of this machine', async () => {
  const before = await serverTime();
  vi.useFakeTimers({ toFake: ['Date'], now: new Date('2001-01-01') });
  try {
    await appendEvent(database.db, numbered(1, 1));
  } finally {
    vi.useRealTimers();
  }
  const [row] = await stored();
  expect(row?.['at']).toBeInstanceOf(Timestamp);
  const [read] = await readEvents(database.db);
  expect(read?.at.getTime()).toBeGreaterThanOrEqual(Math.floor(before / 1000) * 1000);
  expect(read?.at.getTime()).toBeLessThanOrEqual(await serverTime());
});

it('An event that is appended once more, because its reply was lost, is there once', async () => {
  await appendEvent(database.db, numbered(1, 1));
  await appendEvent(database.db, numbered(1, 1));
  expect(await stored()).toHaveLength(1);
});

it('No two events have the same place in the order', async () => {
  await appendEvent(database.db, numbered(1, 1));
  await expect(appendEvent(database.db, numbered(1, 1, 'y'))).rejects.toThrow(/E11000.*token_1_sequence_1/);
  expect(await stored()).toHaveLength(1);
});

it('Events are read in their order, whenever they were written', async () => {
  for (const [token, sequence] of [
    [10, 1],
    [2, 2],
    [2, 10],
    [2, 1],
  ] as const) {
    await appendEvent(database.db, numbered(token, sequence));
  }
  expect((await readEvents(database.db)).map(({ token, sequence }) => [token, sequence])).toEqual([
    [2, 1],
    [2, 2],
    [2, 10],
    [10, 1],
  ]);
});

it('A recorder numbers its events, and signs each', async () => {
  const recorder = recorderFor(database.db, (await leaseWithToken(7)).grant, { server: '7.0.28' });
  const { attempt } = await recorder.record('started', { migration: a, direction: 'up' });
  await recorder.record('finished', { migration: a, direction: 'up', attempt });
  await recorder.record('accepted', { migration: b, reason: 'because' });
  const events = await readEvents(database.db);
  expect(events.map(({ token, sequence, type }) => [token, sequence, type])).toEqual([
    [7, 1, 'started'],
    [7, 2, 'finished'],
    [7, 3, 'accepted'],
  ]);
  expect(new Set(events.map((each) => each.attempt)).size).toBe(2);
  for (const each of events) {
    expect(each).toMatchObject({ pid: process.pid, versions: { node: process.versions.node, server: '7.0.28' } });
  }
});

it('The changelog keeps one row a migration, and the first one stays', async () => {
  await ensureChangelogIndex(database.db);
  await recordApplied(database.db, b, 1);
  await recordApplied(database.db, a, 2);
  const first = await readChangelog(database.db);
  await recordApplied(database.db, a, 3);
  expect(await readChangelog(database.db)).toEqual(first);
  expect(first.map(({ fileName, migrationBlock }) => [fileName, migrationBlock])).toEqual([
    [a, 2],
    [b, 1],
  ]);
  await removeApplied(database.db, a);
  await removeApplied(database.db, a);
  expect((await readChangelog(database.db)).map(({ fileName }) => fileName)).toEqual([b]);
});

it('A changelog that holds a migration twice is an error that names it and the fix', async () => {
  await database.db.collection('changelog').insertMany([{ fileName: a }, { fileName: a }]);
  await expect(ensureChangelogIndex(database.db)).rejects.toThrow(`The changelog holds ${a} more than once`);
});

/** What a lease that was taken so many times gives. */
async function leaseWithToken(token: number): Promise<Lease> {
  await lockOf(database.db).insertOne({ _id: 'lease', token: token - 1 });
  const lease = await takeLease(database.db, { purpose: 'a test', seconds: 30, timeout: 0 });
  onTestFinished(() => lease.release());
  return lease;
}

async function serverTime(): Promise<number> {
  return ((await database.db.admin().command({ hello: 1 }))['localTime'] as Date).getTime();
}
