import { expect, it } from 'vitest';
import { readEvents } from '../../src/history';
import { plan } from '../../src/review';
import { code, useSmallHistory } from './small-history';

const history = useSmallHistory();
const [few, many] = [50_000, 250_000];
/** So far from each other on any machine, whatever else it does meanwhile: `bench/forecast.ts` measures how near they are. */
const factor = 5;

async function fill(name: string, howMany: number): Promise<void> {
  for (let from = 0; from < howMany; from += 10_000) {
    const documentAt = (at: number) => ({ email: `${at}@example.com`, number: (at * 7919) % 1_000_003 });
    const some = Array.from({ length: 10_000 }, (_, at) => documentAt(from + at));
    await history.db.collection(name).insertMany(some);
  }
}

it('What an index build and a backfill took is stored with sizes and counts as they were, and no value', async () => {
  await history.deploy();
  await fill('users', few);
  const indexes = ['number', 'email_2', 'other'].map((field) => code.index('users', field));
  const backfill =
    "backfill('users', { filter: { language: { $exists: false } }, update: { $set: { language: 'en' } } })";
  await history.write('20260104000000-last.ts', [...indexes, backfill].join(', '));
  await history.deploy();
  const event = (await readEvents(history.db)).at(-1);
  const common = { collection: 'users', documents: few };
  expect(event?.work).toMatchObject([
    { ...common, kind: 'index build', indexes: 3, matched: 0 },
    { ...common, kind: 'backfill', indexes: 0, matched: few },
  ]);
  const sizes = await history.db.command({ collStats: 'users' });
  // Each document got longer by one field.
  const [built, filled] = event?.work ?? [];
  expect(built?.bytes).toBe(Number(sizes['size']) - few * '_language_en_'.length - few * 4);
  expect(filled?.bytes).toBe(sizes['size']);
  for (const { milliseconds } of event?.work ?? []) {
    expect(milliseconds).toBeGreaterThan(0);
    expect(milliseconds).toBeLessThanOrEqual(event?.milliseconds ?? 0);
  }
  expect(JSON.stringify(event)).not.toContain('@example.com');
});

it('A forecast for many documents, by what fewer took, tells how long it takes', async () => {
  const work = (name: string) =>
    `${code.index(name, 'number')}, backfill('${name}', { filter: { language: { $exists: false } }, update: { $set: { language: 'en' } } })`;
  await history.deploy({ to: 'projects' });
  await fill('users', few);
  await fill('projects', many);
  await history.write('20260104000000-few.ts', work('users'));
  await history.write('20260105000000-many.ts', work('projects'));
  await history.deploy({ to: 'few' });
  const { forecasts } = await plan(history.target);
  expect(forecasts).toMatchObject([
    { kind: 'index build', collection: 'projects', documents: many, measured: 1 },
    { kind: 'backfill', collection: 'projects', documents: many, measured: 1 },
  ]);
  await history.deploy();
  const done = (await readEvents(history.db)).at(-1)?.work ?? [];
  expect(done).toMatchObject(forecasts.map(({ kind, documents }) => ({ kind, documents })));
  for (const [at, { milliseconds }] of done.entries()) {
    const ratio = milliseconds / (forecasts[at]?.milliseconds ?? 0);
    expect(Math.max(ratio, 1 / ratio)).toBeLessThan(factor);
  }
});
