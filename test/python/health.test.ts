import path from 'node:path';
import { MongoClient, type Db } from 'mongodb';
import { beforeAll, describe, expect, it } from 'vitest';
import { checkHealth, type Health } from '../../src';
import { useDatabase } from '../support/database';
import { freePort } from '../support/free-port';
import { useOwnServer } from '../support/own-server';
import { deployProduct } from '../support/product';
import { packageFolder, runPython, usePython } from './python';

usePython();
const database = useDatabase();
// A server has one fail point of a kind, and other tests use the one of the server that they share.
const own = useOwnServer();
beforeAll(() => deployProduct(database));

/** The answers of both packages, without what differs from one look to the next. */
async function bothAnswers(db: Db, url: string): Promise<[Partial<Health>, Partial<Health>]> {
  const script = path.join(packageFolder, 'tests', 'health_once.py');
  const { stdout } = await runPython([script, url, db.databaseName]);
  const byPython = JSON.parse(String(stdout)) as Health;
  const byNode = await checkHealth(db, { timeout: 1_000 });
  expect(Object.keys(byPython)).toEqual(Object.keys(byNode));
  expect(byPython.checked_at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  expect(typeof byPython.latency_ms).toBe(typeof byNode.latency_ms);
  const lasting = ({ latency_ms: _latency, checked_at: _time, ...health }: Health) => health;
  return [lasting(byPython), lasting(byNode)];
}

describe('The health that applications in Python tell', () => {
  it.each<[string, () => Promise<unknown>, Partial<Health>]>([
    ['all is well', () => Promise.resolve(), { healthy: true, pending_migrations: 0 }],
    [
      'a restore has not ended',
      () => database.db.collection('schema_lock').insertOne({ _id: 'restore' as never }),
      { healthy: false },
    ],
    [
      'a migration is pending',
      async () => {
        await database.db.collection('schema_lock').deleteOne({ _id: 'restore' as never });
        await database.db.collection('changelog').deleteOne({});
      },
      { healthy: false, pending_migrations: 1 },
    ],
  ])('is that of the package for Node when %s', async (_, prepare, expected) => {
    await prepare();
    const [byPython, byNode] = await bothAnswers(database.db, database.url);
    expect(byPython).toEqual(byNode);
    expect(byNode).toMatchObject(expected);
  });

  it.each([
    ['may not be read', 13, true],
    ['cannot be read', 8000, false],
  ])('is that of the package for Node when the changelog %s', async (_, errorCode, healthy) => {
    const { db } = own.freshDatabase();
    await own.failPoint('failCommand', {
      failCommands: ['find'],
      errorCode,
      namespace: `${db.databaseName}.changelog`,
    });
    const [byPython, byNode] = await bothAnswers(db, own.server.url);
    expect(byPython).toEqual(byNode);
    expect(byNode).toMatchObject({ healthy, pending_migrations: null });
  });

  it('is that of the package for Node when there is no server', async () => {
    const url = `mongodb://127.0.0.1:${await freePort()}/?serverSelectionTimeoutMS=300`;
    const client = new MongoClient(url);
    try {
      const [byPython, byNode] = await bothAnswers(client.db('nobody'), url);
      expect(byPython).toEqual(byNode);
      expect(byNode).toMatchObject({ status: 'disconnected', reasons: ['the server cannot be reached'] });
    } finally {
      await client.close();
    }
  });
});
