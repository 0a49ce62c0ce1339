import { describe, expect, it } from 'vitest';
import { describeForecast, takesLong, type Forecast } from '../../src/deploy';
import { expectedTime, type Extent } from '../../src/deploy/rates';
import type { RecordedWork } from '../../src/history';

const build = (documents: number, milliseconds: number, more: Partial<RecordedWork> = {}): RecordedWork => ({
  kind: 'index build',
  collection: 'users',
  documents,
  bytes: documents * 100,
  indexes: 1,
  matched: 0,
  milliseconds,
  ...more,
});
const million: Extent = build(1_000_000, 0);

describe('What work is expected to take', () => {
  it('is what a build of the same extent took on the same collection', () => {
    expect(expectedTime([build(1_000_000, 10_000)], million)).toEqual({
      milliseconds: 10_000,
      least: 5_000,
      most: 20_000,
      measured: 1,
    });
  });

  it('grows with the documents, and a little faster, since keys are sorted', () => {
    const { milliseconds } = expectedTime([build(200_000, 2_000)], million);
    expect(milliseconds).toBeGreaterThan(10_000);
    expect(milliseconds).toBeLessThan(12_000);
  });

  it('goes by the middle one of the newest five, and no further than the slowest and the fastest', () => {
    const took = [90_000, 9_000, 10_000, 11_000, 40_000, 1_000];
    const found = expectedTime(
      took.map((milliseconds) => build(1_000_000, milliseconds)),
      million,
    );
    expect(found).toEqual({ milliseconds: 10_000, least: 1_000, most: 40_000, measured: 5 });
  });

  it('goes by other collections, weighed by the size of their documents, where there is none on the same', () => {
    const other = build(1_000_000, 10_000, { collection: 'results', bytes: 2_000_000_000 });
    const found = expectedTime([other], million);
    expect(found.measured).toBe(1);
    expect(found.milliseconds).toBeLessThan(10_000);
    expect(expectedTime([other, build(1_000_000, 15_000)], million).milliseconds).toBeCloseTo(15_000);
  });

  it('grows with the number of indexes that one scan builds', () => {
    const { milliseconds: one } = expectedTime([build(200_000, 2_000)], million);
    const { milliseconds: three } = expectedTime([build(200_000, 2_000)], { ...million, indexes: 3 });
    expect(three / one).toBeGreaterThan(2);
    expect(three / one).toBeLessThan(3);
  });

  it('of a backfill grows with what it matches, and reading the others costs a little', () => {
    const backfill = { kind: 'backfill', indexes: 0 } as const;
    const done = build(100_000, 5_000, { ...backfill, matched: 100_000 });
    const all = expectedTime([done], { ...million, ...backfill, matched: 1_000_000 });
    expect(all.milliseconds).toBeCloseTo(50_000);
    const few = expectedTime([done], { ...million, ...backfill, matched: 10_000 });
    expect(few.milliseconds).toBeGreaterThan(500);
    expect(few.milliseconds).toBeLessThan(10_000);
  });

  it.each(['text index build', 'backfill', 'backfill once'] as const)(
    'of a %s is not told by an index build',
    (kind) => {
      expect(expectedTime([build(200_000, 2_000)], { ...million, kind, matched: 1_000_000 }).measured).toBe(0);
    },
  );

  it('goes by cautious rates where nothing was measured, and by nothing that took no time or had no extent', () => {
    const nothing = expectedTime([], million);
    expect(nothing).toMatchObject({ measured: 0 });
    expect(nothing.least).toBeLessThan(nothing.milliseconds);
    expect(nothing.most).toBeGreaterThan(nothing.milliseconds);
    expect(expectedTime([build(200_000, 0), build(0, 50)], million)).toEqual(nothing);
  });
});

describe('A forecast in words', () => {
  const forecast = (milliseconds: number, more: Partial<Forecast> = {}): Forecast => ({
    migration: '20260101000000-a.ts',
    kind: 'index build',
    collection: 'users',
    indexes: ['a_1', 'b_1'],
    documents: 1,
    bytes: 1,
    milliseconds,
    least: milliseconds / 2,
    most: milliseconds * 2,
    measured: 3,
    ...more,
  });
  const [second, minute, hour] = [1_000, 60_000, 3_600_000];

  it.each<[number, Partial<Forecast>, string]>([
    [
      4 * minute,
      {},
      'the index build of users (a_1, b_1) takes about 4 minutes (2 to 8 minutes), from 3 index builds measured here',
    ],
    [
      100 * second,
      { kind: 'text index build', indexes: ['t'], measured: 1 },
      'the text index build of users (t) takes about 100 seconds (50 seconds to 3 minutes), from 1 text index build measured here',
    ],
    [
      3 * hour,
      { kind: 'backfill once', indexes: [], measured: 2 },
      'the backfill of users takes about 3 hours (90 minutes to 6 hours), from 2 backfills measured here',
    ],
    [
      17 * second,
      { kind: 'backfill', indexes: [], measured: 0, least: 100, most: 100 * hour },
      'the backfill of users takes about 15 seconds (1 second to 4 days), from conservative rates measured on other machines',
    ],
  ])('of %d ms', (milliseconds, more, text) => {
    expect(describeForecast(forecast(milliseconds, more))).toBe(text);
  });

  it('is for people only from 5 seconds on', () => {
    expect([4_999, 5_000].map((milliseconds) => takesLong(forecast(milliseconds)))).toEqual([false, true]);
  });
});
