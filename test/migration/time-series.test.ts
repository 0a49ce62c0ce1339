import { describe, expect, it } from 'vitest';
import {
  addValidator,
  backfill,
  changeCollection,
  changeTtl,
  createIndexes,
  createTimeSeries,
  createView,
  dropField,
  foldMigrations,
  insertDocuments,
  KnownTargets,
  makeUnique,
  migration,
  removeDuplicates,
  renameCollection,
  run,
  type IndexDefinition,
  type Step,
  type TimeSeriesDefinition,
} from '../../src/migration';
import { schemaPage } from '../../src/review/markdown';
import { commandsFor } from '../../src/schema';

const readings = createTimeSeries('readings', { timeField: 'at', metaField: 'sensor' });
const folded = (...steps: readonly Step[]) => foldMigrations([migration('20260101000000-test.ts', ...steps)]);
const index = (definition: Omit<IndexDefinition, 'serves'>) =>
  createIndexes('readings', [{ serves: 'a test', ...definition }]);

describe('createTimeSeries', () => {
  it.each<[title: string, definition: object, problem: RegExp]>([
    ['no timeField', {}, /without `timeField`/],
    [
      'a path as its timeField',
      { timeField: 'a.b' },
      /`timeField: "a\.b"`, which must be the name of a field at the top/,
    ],
    ['_id as its timeField', { timeField: '_id' }, /by `_id`, which cannot be the field of dates/],
    ['an empty timeField', { timeField: '' }, /`timeField: ""`/],
    ['a path as its metaField', { timeField: 'at', metaField: 'a.b' }, /`metaField: "a\.b"`/],
    ['_id as its metaField', { timeField: 'at', metaField: '_id' }, /whose metaField is `_id`/],
    ['one field for both', { timeField: 'at', metaField: 'at' }, /the same field for `timeField` and `metaField`/],
    ['an unknown granularity', { timeField: 'at', granularity: 'days' }, /one of seconds, minutes, hours/],
    [
      'a granularity and spans',
      { timeField: 'at', granularity: 'hours', bucketMaxSpanSeconds: 60, bucketRoundingSeconds: 60 },
      /both a granularity and bucket spans/,
    ],
    ['one span alone', { timeField: 'at', bucketMaxSpanSeconds: 60 }, /are not equal/],
    ['two spans', { timeField: 'at', bucketMaxSpanSeconds: 60, bucketRoundingSeconds: 30 }, /are not equal/],
    [
      'spans of more than a year',
      { timeField: 'at', bucketMaxSpanSeconds: 31_536_001, bucketRoundingSeconds: 31_536_001 },
      /a whole number from 1 to 31536000/,
    ],
    ['an expiry in the past', { timeField: 'at', expireAfterSeconds: -1 }, /`expireAfterSeconds: -1`/],
    ['an option with a typo', { timeField: 'at', metafield: 'x' }, /takes no metafield; did you mean `metaField`/],
  ])('refuses %s', (_, definition, problem) => {
    expect(() => createTimeSeries('readings', definition as TimeSeriesDefinition)).toThrow(problem);
  });

  it('says what the server says, whatever its defaults', () => {
    const { changes } = createTimeSeries('a', { timeField: 'at', granularity: 'seconds', expireAfterSeconds: 60 });
    expect(changes).toEqual([
      {
        kind: 'collection',
        place: { collection: 'a' },
        to: { timeseries: { timeField: 'at' }, expireAfterSeconds: 60 },
      },
    ]);
    expect(commandsFor(changes[0] as never)).toEqual([
      'db.createCollection("a", { timeseries: { timeField: "at" }, expireAfterSeconds: 60 })',
    ]);
  });
});

describe('changeCollection of a time series', () => {
  const series = (more: object) => ({ timeseries: { timeField: 'at', ...more } });

  it('changes its expiry, and lets its buckets grow, which cannot be undone', () => {
    const expiry = changeCollection('a', { from: series({}), to: { ...series({}), expireAfterSeconds: 60 } });
    expect(expiry).not.toHaveProperty('irreversible');
    const [spans, larger] = [60, 120].map((span) =>
      series({ bucketMaxSpanSeconds: span, bucketRoundingSeconds: span }),
    );
    for (const [from, to] of [
      [series({}), series({ granularity: 'minutes' })],
      [series({ granularity: 'minutes' }), series({ granularity: 'hours' })],
      [spans, larger],
    ] as const) {
      const grown = changeCollection('a', { from: from ?? {}, to: to ?? {} });
      expect(grown.irreversible).toBe('the buckets of the time series a can only grow');
      expect(() => changeCollection('a', { from: to ?? {}, to: from ?? {} })).toThrow(
        'changeCollection cannot change timeseries of a',
      );
    }
  });

  it.each<[title: string, to: object]>([
    ['another timeField', { timeseries: { timeField: 'when' } }],
    ['a metaField', series({ metaField: 'm' })],
    ['spans in place of a granularity', series({ bucketMaxSpanSeconds: 7200, bucketRoundingSeconds: 7200 })],
    ['no time series', {}],
  ])('refuses %s', (_, to) => {
    expect(() => changeCollection('a', { from: series({}), to })).toThrow(
      'changeCollection cannot change timeseries of a',
    );
  });
});

describe('A time series', () => {
  it.each<[title: string, definition: Omit<IndexDefinition, 'serves'>, why: RegExp]>([
    ['that the server makes', { name: 'sensor_1_at_1', key: { sensor: 1, at: 1 } }, /exists already/],
    ['that is unique', { name: 'sensor_1', key: { sensor: 1 }, unique: true }, /is unique/],
    ['of text', { name: 'sensor_text', key: { sensor: 'text' } }, /is a text index/],
    ['that is hashed on a measurement', { name: 'x_hashed', key: { x: 'hashed' } }, /is hashed on x/],
    ['in the plane on a measurement', { name: 'x_2d', key: { x: '2d' } }, /is 2d on x/],
    ['on everything', { name: '$**_1', key: { '$**': 1 } }, /is a wildcard/],
    ['that is sparse on a measurement', { name: 'x_1', key: { x: 1 }, sparse: true }, /is sparse/],
    ['with a TTL', { name: 'at_1', key: { at: 1 }, expireAfterSeconds: 60 }, /has a TTL/],
    [
      'with a TTL by a measurement',
      { name: 'at_1', key: { at: 1 }, expireAfterSeconds: 60, partialFilterExpression: { x: 1 } },
      /has a TTL/,
    ],
  ])('has no index %s', (_, definition, why) => {
    expect(() => folded(readings, index(definition))).toThrow(why);
  });

  it('has no validator, no reference documents, no unique index and no other name', () => {
    const plain = index({ name: 'x_1', key: { x: 1 } });
    for (const [step, why] of [
      [addValidator('readings', { a: 1 }), 'whose documents the server does not validate'],
      [insertDocuments('readings', [{ _id: 1 }]), 'an _id does not identify a document'],
    ] as const) {
      expect(() => folded(readings, step)).toThrow(why);
    }
    const made = (...steps: readonly Step[]) =>
      foldMigrations([[readings, plain], steps].map((all, at) => migration(`2026010${at + 1}000000-test.ts`, ...all)));
    expect(() => made(makeUnique('readings', 'x_1'))).toThrow('is unique');
    expect(() => made(changeTtl('readings', 'x_1', { to: 60 }))).toThrow(
      'the server cannot change the TTL of an index of a time series',
    );
    expect(() => made(renameCollection('readings', 'values'))).toThrow(
      'is a time series, which the server cannot rename',
    );
  });

  it('can be read by a view, and is told on the page of the schema', () => {
    const steps = [readings, createView('latest', { on: 'readings', pipeline: [] })];
    const page = schemaPage([migration('20260101000000-test.ts', ...steps)], [], folded(...steps));
    expect(page).toContain('It is a time series: each document has a date in `at`, and `sensor` identifies the series');
    expect(page).not.toContain('no validator');
  });

  it('takes no data steps that update or move its documents; a step of run may try', () => {
    const problemOf = (step: Step) => {
      const targets = new KnownTargets();
      return targets.take(migration('20260101000000-test.ts', readings, step))?.why;
    };
    const refused =
      'readings is a time series, where MongoDB can update only the metaField, with a filter on only that field';
    expect(problemOf(backfill('readings', { filter: { a: null }, update: { $set: { a: 1 } } }))).toBe(refused);
    expect(problemOf(dropField('readings', 'a', { reason: 'a test' }))).toBe(refused);
    const free = { isDone: () => Promise.resolve(true), run: () => Promise.resolve() };
    expect(problemOf(run('a test', { ...free, undo: 'nothing to undo', writes: ['readings'] }))).toBeUndefined();
    expect(
      problemOf(removeDuplicates('readings', { key: ['a'], keep: { newest: 'at' }, reason: 'a test' })),
    ).toBeDefined();
  });
});
