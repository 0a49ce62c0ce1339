import type { Document } from 'mongodb';
import { beforeEach, describe, expect, it } from 'vitest';
import { changeCollection, createIndexes, createTimeSeries, type IndexDefinition } from '../../src/migration';
import { readSchema } from '../../src/database';
import { fold } from '../../src/schema';
import { useDatabase } from '../support/database';
import { german } from '../support/collations';
import { runSteps } from '../support/run-steps';

const database = useDatabase();
beforeEach(() => database.db.dropDatabase());

const timeseries = { timeField: 'at', metaField: 'sensor' } as const;
const readings = createTimeSeries('readings', timeseries);
const live = async () => (await readSchema(database.db)).schema;
const insert = (at: Date) => database.db.collection('readings').insertOne({ at, sensor: 1 });

describe('A time series', () => {
  it.each<[title: string, definition: Parameters<typeof createTimeSeries>[1]]>([
    ['with no more than a timeField', { timeField: 'at' }],
    ['with the granularity that it has by itself', { timeField: 'at', granularity: 'seconds' }],
    ['with another one, a metaField and an expiry', { ...timeseries, granularity: 'hours', expireAfterSeconds: 0 }],
    ['with spans', { timeField: 'at', bucketMaxSpanSeconds: 300, bucketRoundingSeconds: 300 }],
    ['with a collation', { ...timeseries, collation: german }],
  ])('is made as the fold says, and found as it was made: %s', async (_, definition) => {
    const step = createTimeSeries('readings', definition);
    expect(await runSteps(database.db, [step])).toEqual(['done']);
    expect(await live()).toEqual(fold(step.changes));
    expect(await runSteps(database.db, [step])).toEqual(['already']);
    expect(await runSteps(database.db, [step], 'down')).toEqual(['done']);
    expect(await live()).toEqual({});
    expect(await runSteps(database.db, [step], 'down')).toEqual(['already']);
    await database.db.createCollection('readings', { timeseries: { timeField: 'when' } });
    await expect(runSteps(database.db, [step])).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  it('that holds documents goes only when the run may lose them', async () => {
    await runSteps(database.db, [readings]);
    await insert(new Date());
    await expect(runSteps(database.db, [readings], 'down')).rejects.toMatchObject({
      code: 'DATA_LOSS',
      message: expect.stringContaining('readings holds 1 document') as string,
    });
    // One that comes after the first count is seen by the second.
    await runSteps(database.db, [readings], 'down', { allowDataLoss: true });
    expect(await live()).toEqual({});
    await runSteps(database.db, [readings]);
    const guard = async () => {
      await insert(new Date());
    };
    await expect(runSteps(database.db, [readings], 'down', { guard })).resolves.toEqual(['done']);
  });

  it('expires sooner only when the run may lose what is old', async () => {
    await runSteps(database.db, [readings]);
    await insert(new Date('2020-01-01'));
    await insert(new Date());
    const sooner = changeCollection('readings', { from: { timeseries }, to: { timeseries, expireAfterSeconds: 3600 } });
    await expect(runSteps(database.db, [sooner])).rejects.toMatchObject({
      code: 'DATA_LOSS',
      message: expect.stringContaining('1 document is older than the TTL') as string,
    });
    expect(await runSteps(database.db, [sooner], 'up', { allowDataLoss: true })).toEqual(['done']);
    expect((await live())['readings']?.options).toEqual({ timeseries, expireAfterSeconds: 3600 });
    expect(await runSteps(database.db, [sooner], 'down')).toEqual(['done']);
    expect((await live())['readings']?.options).toEqual({ timeseries });
  });

  it('grows coarser, also by two steps at once, and refuses to go back', async () => {
    await runSteps(database.db, [readings]);
    const coarser = changeCollection('readings', {
      from: { timeseries },
      to: { timeseries: { ...timeseries, granularity: 'hours' } },
    });
    expect(await runSteps(database.db, [coarser])).toEqual(['done']);
    expect(await runSteps(database.db, [coarser])).toEqual(['already']);
    await expect(runSteps(database.db, [coarser], 'down')).rejects.toMatchObject({ code: 'IRREVERSIBLE' });
    const spans = (seconds: number) => ({
      timeseries: { timeField: 'at', bucketMaxSpanSeconds: seconds, bucketRoundingSeconds: seconds },
    });
    await database.db.createCollection('ticks', spans(60));
    expect(await runSteps(database.db, [changeCollection('ticks', { from: spans(60), to: spans(120) })])).toEqual([
      'done',
    ]);
  });
});

type Given = Omit<IndexDefinition, 'serves'>;
const meta = { partialFilterExpression: { 'sensor.kind': 'x' } };
/** Whatever index may be written for a time series. */
const indexes: readonly Given[] = (
  [
    [{ x: 1 }, {}],
    [{ 'sensor.a': 1, at: -1 }, {}],
    [{ at: 1 }, {}],
    [{ sensor: 'hashed' }, {}],
    [{ x: 'hashed' }, {}],
    [{ sensor: 'text' }, {}],
    [{ x: 'text' }, {}],
    [{ x: '2dsphere' }, {}],
    [{ at: 'hashed' }, {}],
    [{ at: '2dsphere' }, {}],
    [{ sensor: '2d' }, {}],
    [{ x: '2d' }, {}],
    [{ '$**': 1 }, {}],
    [{ 'sensor.$**': 1 }, {}],
    [{ sensor: 1 }, { unique: true }],
    [{ sensor: 1 }, { sparse: true }],
    [{ at: 1 }, { sparse: true }],
    [{ x: 1 }, { sparse: true }],
    [{ at: 1 }, { expireAfterSeconds: 60 }],
    [{ at: 1 }, { expireAfterSeconds: 60, ...meta }],
    [{ at: -1 }, { expireAfterSeconds: 60, ...meta }],
    [{ sensor: 1 }, { expireAfterSeconds: 60, ...meta }],
    [{ x: 1 }, { expireAfterSeconds: 60, ...meta }],
    [{ at: 1 }, { expireAfterSeconds: 60, partialFilterExpression: { x: 1 } }],
    [{ at: 1 }, { expireAfterSeconds: 60, partialFilterExpression: { sensor: 1, x: 1 } }],
    [{ x: 1 }, { partialFilterExpression: { x: { $gt: 1 } } }],
    [{ x: 1 }, { ...meta, collation: german }],
    [{ sensor: 1 }, { hidden: true }],
    [{ sensor: 1 }, { collation: german }],
  ] as const
).map(([key, options]) => ({
  name: Object.entries(key).flat().join('_'),
  key,
  ...(options as Document),
}));

describe('An index of a time series', () => {
  it.each(indexes)('is accepted by the fold where the server accepts it: $name', async (given) => {
    await database.db.createCollection('readings', { timeseries });
    const { name, key, ...options } = given;
    const accepted = await database.db
      .collection('readings')
      .createIndex(key, { name, ...(options as Document) }, {})
      .then(
        () => true,
        () => false,
      );
    const step = createIndexes('readings', [{ serves: 'a test', ...given }]);
    if (!accepted) {
      expect(() => fold([...readings.changes, ...step.changes])).toThrow('Cannot create index');
      return;
    }
    const expected = fold([...readings.changes, ...step.changes]);
    expect(await live()).toEqual(expected);
    expect(await runSteps(database.db, [step])).toEqual(['already']);
    expect(await runSteps(database.db, [step], 'down')).toEqual(['done']);
    expect(await live()).toEqual(fold(readings.changes));
  });
});
