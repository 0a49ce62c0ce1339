import { beforeAll, describe, expect, it } from 'vitest';
import { readIndexes } from '../../src/database';
import { explainWithout, type KnownQuery, type WithoutOptions } from '../../src/indexes';
import { useDatabase } from '../support/database';

const database = useDatabase();
const count = 3_000;
const queries: readonly KnownQuery[] = [
  { name: 'by-code', collection: 'orders', index: 'code_1', filter: { code: 'A1' } },
  { name: 'by-customer', collection: 'orders', index: 'customer_1', filter: { customer: 1 }, takes: ['customer'] },
  { name: 'of-series', collection: 'series', index: 'm_1', filter: { m: 1 } },
];

beforeAll(async () => {
  const { db } = database;
  // In this order of letters, a1 is A1.
  const orders = await db.createCollection('orders', { collation: { locale: 'en', strength: 2 } });
  await orders.insertMany(
    Array.from({ length: count }, (_, at) => ({
      code: `a${at}`,
      customer: at % 10,
      at: new Date(),
      more: 'x'.repeat(50),
    })),
  );
  await orders.createIndexes([
    { key: { code: 1 }, unique: true },
    { key: { customer: 1 } },
    { key: { customer: 1, code: 1 } },
    { key: { at: 1 }, expireAfterSeconds: 1e9 },
  ]);
  await db.createCollection('series', { timeseries: { timeField: 't', metaField: 'm' } });
});

const without = (index: string, more: Partial<WithoutOptions> = {}) =>
  explainWithout({
    ...{ target: { url: database.url, database: database.name }, queries, index, sample: 20_000, env: process.env },
    ...more,
  });
const hashes = async () => (await database.db.command({ dbHash: 1 }))['collections'] as unknown;
const hidden = async () => Object.values(await readIndexes(database.db, 'orders')).filter((index) => index.hidden);

describe('Without an index', () => {
  it('a query is answered on a copy, and nothing changes on the server', async () => {
    const before = await hashes();
    const report = await without('orders.code_1');
    expect(report).toMatchObject({ index: { collection: 'orders', name: 'code_1' }, documents: count, copied: count });
    expect(report.bytes).toBeGreaterThan(count * 50);
    const [tried] = report.queries;
    expect(tried?.with).toMatchObject({ name: 'by-code', problems: [], plan: { cost: { returned: 1 } } });
    expect(tried?.without.problems).toEqual(['its index code_1 is hidden', 'it reads the whole collection']);
    expect(tried?.without.plan?.cost).toMatchObject({ docsExamined: count, returned: 1 });
    expect(await hashes()).toEqual(before);
    expect(await hidden()).toEqual([]);
  });

  it('another one may do, on a sample of the documents', async () => {
    const report = await without('customer_1', { name: 'by-customer', sample: 500 });
    expect(report.copied).toBeGreaterThan(300);
    expect(report.copied).toBeLessThanOrEqual(500);
    expect(report.documents).toBe(count);
    const [tried] = report.queries;
    expect(tried?.without.plan).toMatchObject({ indexes: ['customer_1_code_1'], scans: false });
    expect(tried?.without.plan?.cost?.returned).toBe(tried?.with.plan?.cost?.returned);
  });

  it.each([
    ['an index that there is not', 'orders.cod_1', {}, 'did you mean orders.code_1?'],
    ['a query that there is not', 'code_1', { name: 'by-cod' }, 'did you mean by-code?'],
    ['an index without a query', 'orders.at_1', {}, 'There is no known query that orders.at_1 serves'],
    ['a collection without a query', 'nothing.at_1', {}, 'No known query reads the collection of nothing.at_1'],
  ])('is refused for %s', async (_title, index, more, message) => {
    await expect(without(index, more)).rejects.toThrow(message);
  });

  it('is refused for a time series, before any server starts', async () => {
    await database.db.collection('series').createIndex({ m: 1 });
    await expect(without('series.m_1')).rejects.toMatchObject({ code: 'USAGE', why: ['it is a time series'] });
  });
});
