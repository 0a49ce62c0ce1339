import { describe, expect, it } from 'vitest';
import { newClient } from '../../src/database/client';
import { withRetry } from '../../src/database/retry';
import { watchTraffic } from '../../src/database/traffic';
import { MongoUrl } from '../../src/support/mongo-url';
import { useOwnServer } from '../support/own-server';

const server = useOwnServer();

describe('A client whose command for bytes meets a server that changes its state', () => {
  it('hears of the server again, and goes on', async () => {
    const { db } = server.freshDatabase();
    await db.createCollection('users');
    const options = { retryReads: false, heartbeatFrequencyMS: 500 };
    const client = await newClient(MongoUrl.of(server.server.url), options).connect();
    try {
      const users = client.db(db.databaseName).collection('users');
      const interrupted = 11602;
      await server.failPoint('failCommand', { failCommands: ['listIndexes'], errorCode: interrupted }, { times: 1 });
      await expect(users.listIndexes({ raw: true }).toArray()).rejects.toMatchObject({ code: interrupted });
      expect(await users.listIndexes().toArray()).toHaveLength(1);
    } finally {
      await client.close();
    }
  });
});

describe('A write whose connection is cut again and again', () => {
  it('is sent again, since the server lives on', async () => {
    const client = await newClient(MongoUrl.of(server.server.url), { monitorCommands: true }).connect();
    try {
      const traffic = watchTraffic(client);
      const { db } = server.freshDatabase();
      await db.createCollection('users');
      const data = { failCommands: ['collMod'], closeConnection: true };
      await server.failPoint('failCommand', data, { times: 4 });
      let tries = 0;
      const work = async () => {
        tries++;
        await client.db(db.databaseName).command({ collMod: 'users', validator: { a: 1 } });
      };
      await withRetry(work, { beforeRetry: () => traffic.lost.refuseThird() });
      expect(tries).toBe(5);
    } finally {
      await client.close();
    }
  });
});
