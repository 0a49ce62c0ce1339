import { changeCollection, migration } from '../../../src/migration';

const timeseries = (granularity: string) => ({ timeField: 'at', metaField: 'sensor', granularity });

/** There is no way back. */
export default migration(
  __filename,
  changeCollection('readings', {
    from: { timeseries: timeseries('minutes') },
    to: { timeseries: timeseries('hours') },
  }),
);
