import { changeCollection, dropCollection, hideIndex, migration } from '../../../src/migration';
import { createTimeSeries } from '../../../src/migration';

const timeseries = { timeField: 'at', metaField: 'sensor', granularity: 'minutes' };

export default migration(
  __filename,
  changeCollection('readings', { from: { timeseries, expireAfterSeconds: 3600 }, to: { timeseries } }),
  hideIndex('readings', 'sensor.site_1_at_-1'),
  dropCollection('ticks', { reason: 'a test', was: [createTimeSeries('ticks', { timeField: 'at' })] }),
);
