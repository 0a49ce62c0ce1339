import { MongoClient } from 'mongodb';
import { beforeAll, describe, expect, it } from 'vitest';
import { reportIndexes, type IndexesReport } from '../../src/indexes';
import { useOwnServer } from '../support/own-server';

const own = useOwnServer(3);
let db: ReturnType<typeof own.freshDatabase>['db'];

beforeAll(async () => {
  ({ db } = own.freshDatabase());
  const majority = { writeConcern: { w: 3 } } as const;
  await db.collection('orders').insertMany(
    Array.from({ length: 20 }, (_, at) => ({ state: at % 2, code: at })),
    majority,
  );
  await db
    .collection('orders')
    .createIndexes([{ key: { state: 1 } }, { key: { code: 1 } }], { commitQuorum: 'votingMembers' });
});

const report = () =>
  reportIndexes({
    target: { url: own.server.url, database: db.databaseName },
    migrations: [],
    queries: [],
    window: 0,
  });
const lineOf = ({ indexes }: IndexesReport, name: string) =>
  indexes.find((line) => line.name === name) ?? expect.fail(`no line ${name}`);

/** Works on one member alone. */
async function at<T>(port: number, work: (client: MongoClient) => Promise<T>): Promise<T> {
  const client = await new MongoClient(`mongodb://127.0.0.1:${port}/?directConnection=true`).connect();
  try {
    return await work(client);
  } finally {
    await client.close();
  }
}

describe('The use of indexes on a replica set', () => {
  it('counts what secondaries have read, as each of them tells it', async () => {
    const ports = own.server.members.map(({ port }) => port);
    for (const [member, port] of ports.entries()) {
      await at(port, async (client) => {
        const orders = client.db(db.databaseName).collection('orders');
        for (let times = 0; times <= member; times++) await orders.find({ state: 1 }).toArray();
      });
    }
    const told = new Map<string, number>();
    for (const port of ports) {
      const found = await at(port, (client) =>
        client
          .db(db.databaseName)
          .collection('orders')
          .aggregate([{ $indexStats: {} }, { $match: { name: 'state_1' } }])
          .toArray(),
      );
      told.set(`127.0.0.1:${port}`, Number((found[0]?.['accesses'] as { ops: unknown }).ops));
    }
    expect([...told.values()]).toEqual([1, 2, 3]);
    const found = await report();
    const { use, flags } = lineOf(found, 'state_1');
    expect(use).toMatchObject({ ops: 6 });
    expect(new Map(use?.members.map(({ host, ops }) => [host, ops]))).toEqual(told);
    expect(use?.since).toEqual(new Date(Math.max(...(use?.members ?? []).map(({ since }) => since.getTime()))));
    expect(flags).toEqual([]);
    expect(lineOf(found, 'code_1').flags).toEqual(['unused']);
    expect(found.members.filter(({ isPrimary }) => isPrimary)).toHaveLength(1);
  });

  it('calls none unused while a member does not answer, and names that member', async () => {
    const { port } = own.server.members[2] ?? expect.fail('no third member');
    await own.server.members[2]?.kill();
    const found = await report();
    expect(found).toMatchObject({ isWhole: false, unused: 0 });
    expect(found.members.find(({ problem }) => problem !== undefined)).toMatchObject({
      host: `127.0.0.1:${port}`,
      problem: expect.stringContaining('nothing listens') as string,
    });
    expect(lineOf(found, 'code_1').flags).toEqual(['not known']);
    expect(lineOf(found, 'state_1').use).toMatchObject({ ops: 3 });
  });
});
