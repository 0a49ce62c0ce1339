import type { Db } from 'mongodb';
import { expect } from 'vitest';
import { interruptedAttempts, readChangelog, readEvents, readLease } from '../../src/history';
import { foldMigrations, type Direction } from '../../src/migration';
import { canonicalJson, emptySchema, isSetAside } from '../../src/schema';
import { liveSchema } from '../support/migrations';
import { fixture } from './fixture';

const migrations = fixture.map(({ name }) => name);

/** What must hold once a run in this direction has ended well, whatever happened to the ones before it. */
export async function expectConverged(db: Db, direction: Direction): Promise<void> {
  const expected = direction === 'up' ? foldMigrations(fixture) : emptySchema;
  expect(canonicalJson(await liveSchema(db, fixture)), 'the schema').toBe(canonicalJson(expected));
  const rows = (await readChangelog(db)).map(({ fileName }) => fileName);
  expect(rows, 'the changelog').toEqual(direction === 'up' ? migrations : []);
  const names = (await db.listCollections({}, { nameOnly: true }).toArray()).map(({ name }) => name);
  expect(names.filter(isSetAside), 'collections that are set aside').toEqual([]);
  await expectOrder(db);
  expect(await readLease(db), 'the lease').not.toHaveProperty('owner');
}

/** Every attempt has an end, and the newest event of each migration is that it was finished in this direction. */
export async function expectFinished(db: Db, direction: Direction): Promise<void> {
  const events = await readEvents(db);
  const newest = migrations.map((name) => events.findLast(({ migration }) => migration === name));
  expect(
    newest.map((event) => `${event?.type ?? ''} ${event?.direction ?? ''}`),
    'the newest events',
  ).toEqual(migrations.map(() => `finished ${direction}`));
  expect(interruptedAttempts(events), 'attempts without an end').toEqual([]);
}

/** Whether a rollback deleted a row, and then did not come to say that it was done. */
export async function deletedRowUnsaid(db: Db): Promise<boolean> {
  const [rows, events] = await Promise.all([readChangelog(db), readEvents(db)]);
  const rolledBack = migrations.filter((name) => rows.every(({ fileName }) => fileName !== name));
  const newest = rolledBack.map((name) => events.findLast(({ migration }) => migration === name));
  return newest.some((event) => event?.direction === 'down' && event.type !== 'finished');
}

async function expectOrder(db: Db): Promise<void> {
  const events = await readEvents(db);
  const written = await db.collection('schema_history').find().sort({ $natural: 1 }).toArray();
  const places = events.map(({ token, sequence }) => `${token}.${sequence}`);
  expect(
    written.map(({ token, sequence }) => `${String(token)}.${String(sequence)}`),
    'the order in which events were written',
  ).toEqual(places);
  expect(new Set(places).size, 'places in that order').toBe(places.length);
}
