import { describe, expect, it } from 'vitest';
import type { RunEvent } from '../../src/deploy';
import { readEvents, type RecordedWork, type StoredEvent } from '../../src/history';
import { plan } from '../../src/review';
import { code, useSmallHistory } from './small-history';

const history = useSmallHistory();
const last = '20260104000000-last.ts';
const text = 'Arrived late, but the support was friendly and quick.';

async function fill(name: string, howMany: number): Promise<void> {
  for (let from = 0; from < howMany; from += 10_000) {
    await history.db.collection(name).insertMany(
      Array.from({ length: Math.min(10_000, howMany - from) }, (_, at) => ({
        number: from + at,
        email: String(from + at),
        text,
      })),
    );
  }
}

const forecasts = async () => (await plan(history.target)).forecasts;
const lastEvent = async () => (await readEvents(history.db)).at(-1);
const three = ['number', 'text', 'email_2'].map((field) => code.index('users', field));
const backfill =
  "backfill('users', { filter: { language: { $exists: false } }, update: { $set: { language: 'en' } } })";

/** As if the history told of such work. */
async function pretendMeasured(work: RecordedWork): Promise<void> {
  const events = history.db.collection<Partial<StoredEvent>>('schema_history');
  await events.updateOne({ type: 'finished', migration: last }, { $set: { work: [work] } });
}

describe('What an index build and a backfill took', () => {
  it('is not stored of few documents', async () => {
    await history.deploy();
    await fill('users', 500);
    await history.write(last, [...three, backfill].join(', '));
    await history.deploy();
    expect(await lastEvent()).not.toHaveProperty('work');
  });

  it('leaves an event that says the same without it, to versions that know nothing of it', async () => {
    await history.deploy();
    await history.write(last, code.collection('teams'));
    await history.deploy();
    await history.db
      .collection('schema_history')
      .updateOne({ type: 'finished', migration: last }, { $set: { work: [{ kind: 'from a later version' }, 7] } });
    expect(await lastEvent()).toMatchObject({ migration: last, work: [] });
    expect(await history.deploy()).toMatchObject({ applied: [] });
  });
});

describe('The forecast of what is pending', () => {
  it('goes by sizes, and by what was measured here', async () => {
    await history.deploy();
    await fill('users', 1_000);
    await history.write(last, [...three, backfill].join(', '));
    const { size } = await history.db.command({ collStats: 'users' });
    const common = { migration: last, collection: 'users', documents: 1_000, bytes: size as number, measured: 0 };
    expect(await forecasts()).toMatchObject([
      { ...common, kind: 'index build', indexes: ['number_1', 'text_1', 'email_2_1'] },
      { ...common, kind: 'backfill', indexes: [] },
    ]);
    await history.deploy();
    await pretendMeasured({
      ...{ kind: 'index build', collection: 'users', documents: 1_000, bytes: size as number, matched: 0 },
      ...{ indexes: 1, milliseconds: 60_000 },
    });
    await history.write('20260105000000-more.ts', code.index('users', 'more'));
    const events: RunEvent[] = [];
    const [planned] = await forecasts();
    const found = await history.deploy({ onEvent: (event) => events.push(event) });
    expect(planned).toMatchObject({ measured: 1 });
    // The backfill made the documents a little larger.
    expect(planned?.milliseconds).toBeGreaterThan(60_000);
    expect(planned?.milliseconds).toBeLessThan(62_000);
    expect(found.forecasts).toEqual([planned]);
    expect(events).toContainEqual({
      type: 'note',
      message:
        '20260105000000-more.ts: the index build of users (more_1) takes about 60 seconds (30 seconds to 2 minutes), from 1 index build measured here',
    });
  });

  it('is none for a collection that is empty, or not there yet, or for what holds already', async () => {
    const pending = [code.collection('teams'), code.index('teams', 'name'), code.index('projects', 'name')];
    await history.write(last, pending.join(', '));
    expect(await forecasts()).toEqual([]);
    await history.deploy({ to: 'projects' });
    expect(await forecasts()).toEqual([]);
    await history.db.collection('projects').insertOne({});
    expect(await forecasts()).toMatchObject([{ collection: 'projects', indexes: ['name_1'] }]);
    await history.db.collection('projects').createIndex({ name: 1 });
    expect(await forecasts()).toEqual([]);
  });

  it('takes in the pauses that a backfill is told to make', async () => {
    await history.deploy();
    await fill('users', 1_000);
    await history.write(last, backfill.replace("'users', {", "'users', { batchSize: 100, pause: 2000,"));
    const [planned] = await forecasts();
    expect(planned?.milliseconds).toBeGreaterThanOrEqual(20_000);
    expect(planned?.least).toBeGreaterThanOrEqual(20_000);
  });
});
