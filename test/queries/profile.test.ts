import { MongoClient, type Db } from 'mongodb';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { slowInProfile, type SlowQueriesReport } from '../../src/queries';
import { runCommandLine } from '../cli/command-line';
import { useDatabase } from '../support/database';
import { documentOf, serverEnvironment } from '../support/schema-command';
import { appName, fillOrders, loads, runLoads, sentinel } from './load';

const database = useDatabase();
let client: MongoClient;
let db: Db;
let report: SlowQueriesReport;
const target = () => ({ url: inject('mongodb').url, database: database.name });
const all = { migrations: [], queries: [], top: 1_000, slowMs: 0 };
const profile = () => database.db.collection('system.profile');

beforeAll(async () => {
  client = await new MongoClient(inject('mongodb').url, { appName }).connect();
  db = client.db(database.name);
  await fillOrders(db);
  await db.collection('orders').createIndex({ at: 1 });
  await db.command({ profile: 2 });
  await runLoads(db);
  await db.command({ profile: 0 });
  report = await slowInProfile(target(), all);
});
afterAll(() => client.close());

describe('What the profile tells of slow queries', () => {
  it('is counted by shape: as many as were sent', () => {
    const counted = Object.fromEntries(
      report.shapes.map(({ collection, text, count }) => [`${collection} ${text}`, count]),
    );
    expect(counted).toEqual(
      Object.fromEntries(loads.map(({ collection, text, times }) => [`${collection} ${text}`, times])),
    );
  });

  it('adds up to what the server itself adds up', async () => {
    const [sums] = await profile()
      .aggregate<Record<'count' | 'total' | 'max' | 'examined' | 'returned', number>>([
        {
          $match: {
            'command.find': 'orders',
            'command.filter.customer': { $type: 'string' },
            'command.sort': { $exists: false },
            'command.collation': { $exists: false },
          },
        },
        {
          $group: {
            _id: null,
            count: { $sum: 1 },
            total: { $sum: '$millis' },
            max: { $max: '$millis' },
            examined: { $sum: '$docsExamined' },
            returned: { $sum: '$nreturned' },
          },
        },
      ])
      .toArray();
    const shape = report.shapes.find(({ text }) => text === 'find { customer: ? }');
    expect(shape).toMatchObject({
      count: sums?.count,
      examined: sums?.examined,
      returned: sums?.returned,
      milliseconds: { total: sums?.total, max: sums?.max },
    });
    expect(shape?.plans).toEqual(['COLLSCAN']);
    expect(report.shapes.map(({ milliseconds }) => milliseconds.total)).toEqual(
      report.shapes.map(({ milliseconds }) => milliseconds.total).toSorted((one, other) => other - one),
    );
  });

  it('tells which index serves a shape, and which would', () => {
    const verdictOf = (text: string) => report.shapes.find((shape) => shape.text === text)?.index;
    expect(verdictOf('find { at: { $gte: ?, $lt: ? } }')).toEqual({ servedBy: 'at_1' });
    expect(verdictOf('find {} sort { at: 1 }')).toEqual({ servedBy: 'at_1' });
    expect(
      Object.keys((verdictOf('find { customer: ?, state: ? } sort { at: -1 }') as never)['wanted']['key']),
    ).toHaveLength(3);
    expect(report.indexesOf).toBe('server');
  });

  it('leaves out what this tool has read', async () => {
    expect(report.leftOut.own).toBeGreaterThanOrEqual(0);
    await database.db.command({ profile: 2 });
    const before = await profile().countDocuments();
    const again = await slowInProfile(target(), all);
    await database.db.command({ profile: 0 });
    expect(await profile().countDocuments({ appName: 'schema-migrations' })).toBeGreaterThan(0);
    expect(before).toBeGreaterThan(0);
    expect(again.shapes.filter(({ collection }) => collection !== 'orders')).toEqual([]);
  });

  it('shows no value, to nobody', async () => {
    const env = serverEnvironment(database.name);
    const [shown, json] = [
      await runCommandLine(['queries', '--top', '100'], env),
      await runCommandLine(['queries', '--json'], env),
    ];
    expect([shown.exitCode, json.exitCode]).toEqual([0, 0]);
    for (const { stdout, stderr } of [shown, json]) expect(stdout + stderr).not.toContain(sentinel);
    expect(JSON.stringify(await profile().findOne({ 'command.find': 'orders' }))).toContain(sentinel);
    expect(documentOf(json)).toMatchObject({ source: 'profile' });
  });
});
