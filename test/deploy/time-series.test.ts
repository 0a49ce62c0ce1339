import { describe, expect, it } from 'vitest';
import { drift, plan } from '../../src/review';
import { baseline } from '../../src/deploy';
import { code, rejection, useSmallHistory } from './small-history';

const history = useSmallHistory();
const series = '20260104000000-series.ts';
const steps = `createTimeSeries('readings', { timeField: 'at', metaField: 'sensor', granularity: 'minutes' }), ${code.index('readings', 'value')}`;
const driftNow = async () => (await drift(history.target)).findings;

describe('A deploy that makes a time series', () => {
  it('leaves no drift, and goes back while it is empty', async () => {
    await history.write(series, steps);
    expect((await history.deploy()).drift).toEqual([]);
    expect(await driftNow()).toEqual([]);
    await history.db.collection('readings').insertOne({ at: new Date(), sensor: 1 });
    expect((await rejection(history.rollback({ steps: 1 }))).code).toBe('DATA_LOSS');
    await history.rollback({ steps: 1, allowDataLoss: [series] });
    expect(await driftNow()).toEqual([]);
  });

  it('finds one that somebody made, which was a notice until then, and tells what is changed by hand', async () => {
    await history.deploy();
    await history.db.createCollection('readings', {
      timeseries: { timeField: 'at', metaField: 'sensor', granularity: 'minutes' },
    });
    expect(await driftNow()).toMatchObject([{ kind: 'not a collection', severity: 'notice' }]);
    await history.write(series, steps);
    const { pending } = await plan(history.target);
    expect(pending.flatMap(({ changes }) => changes.map(({ verdict }) => verdict))).toEqual(['already', 'pending']);
    await history.deploy();
    expect(await driftNow()).toEqual([]);
    await history.db.command({ collMod: 'readings', expireAfterSeconds: 86_400 });
    expect(await driftNow()).toMatchObject([
      {
        kind: 'options differ',
        migration: series,
        commands: ['db.runCommand({ collMod: "readings", expireAfterSeconds: "off" })'],
      },
    ]);
  });

  it('counts for a database where it was made by hand', async () => {
    await history.write(series, steps);
    await history.db.createCollection('users');
    await history.db.collection('users').createIndex({ email: 1 }, { unique: true }, {});
    await history.db.createCollection('projects');
    await history.db.createCollection('readings', { timeseries: { timeField: 'at' } });
    const stopped = await baseline({ ...history.target, dryRun: true });
    expect(stopped.stoppedAt).toMatchObject({ migration: series });
    await history.db.dropCollection('readings');
    await history.deploy({ adopt: true });
    await history.db.collection('changelog').drop();
    await history.db.collection('schema_history').drop();
    expect((await baseline(history.target)).marked).toContain(series);
  });
});
