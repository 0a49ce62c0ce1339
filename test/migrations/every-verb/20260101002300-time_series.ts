import { createIndexes, createTimeSeries, createView, migration } from '../../../src/migration';

/** Of each kind, with an index, an expiry, and a view that reads from it. */
export default migration(
  __filename,
  createTimeSeries('readings', {
    timeField: 'at',
    metaField: 'sensor',
    granularity: 'minutes',
    expireAfterSeconds: 3600,
  }),
  createTimeSeries('ticks', { timeField: 'at' }),
  createTimeSeries('daily', { timeField: 'at', bucketMaxSpanSeconds: 86_400, bucketRoundingSeconds: 86_400 }),
  createIndexes('readings', [
    { name: 'sensor.site_1_at_-1', key: { 'sensor.site': 1, at: -1 }, serves: 'a test' },
    {
      name: 'at_1',
      key: { at: 1 },
      expireAfterSeconds: 60,
      partialFilterExpression: { 'sensor.kind': 'trial' },
      serves: 'a test',
    },
  ]),
  createView('latest', { on: 'readings', pipeline: [{ $sort: { at: -1 } }] }),
);
