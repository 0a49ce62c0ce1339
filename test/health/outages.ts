import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { checkHealth, healthHandler } from '../../src/health';
import { useOwnServer } from '../support/own-server';
import { probe, serve } from './probes';

interface Extent {
  /** Of the replica set. */
  readonly members: number;
  /** How often a set that is paused is asked. */
  readonly rounds: number;
}

const patient = { timeout: 40_000, interval: 100 };

/** To be called in a file. */
export function testOutages({ members, rounds }: Extent): void {
  describe('A server that says nothing', () => {
    it('is given up when the time is up, not when the driver gives up', async () => {
      const silent = createServer().listen(0, '127.0.0.1');
      await once(silent, 'listening');
      const { port } = silent.address() as AddressInfo;
      const client = new MongoClient(`mongodb://127.0.0.1:${port}/?serverSelectionTimeoutMS=30000`);
      onTestFinished(async () => {
        await client.close();
        silent.close();
      });
      const began = performance.now();
      const health = await checkHealth(client.db('product'), { timeout: 300 });
      expect(performance.now() - began).toBeLessThan(10_000);
      expect(health).toMatchObject({ status: 'disconnected', healthy: false, reasons: ['no answer within 0.3 s'] });
    });
  });

  describe(`A replica set of ${members}`, () => {
    const server = useOwnServer(members);
    let client: MongoClient;
    beforeAll(async () => {
      client = await new MongoClient(server.server.url, { maxPoolSize: 3 }).connect();
    });
    afterAll(() => client.close());
    const startProbes = () => serve(healthHandler(client.db('product'), { allowPending: true, maxAge: 50 }));

    const onMember = async (port: number, command: object) => {
      const direct = new MongoClient(`mongodb://127.0.0.1:${port}/?directConnection=true`);
      try {
        await direct.db('admin').command(command);
      } finally {
        await direct.close();
      }
    };

    it('is read-only while it has no primary, and healthy when it has one again', async () => {
      const url = await startProbes();
      expect((await probe(`${url}/health/db`)).status).toBe(200);
      const hello = await client.db('admin').command({ hello: 1 });
      const primary = Number(String(hello['primary']).split(':')[1]);
      const others = server.server.members.map(({ port }) => port).filter((port) => port !== primary);
      // The others may not stand for election, so that there is no primary for as long as the test wants.
      for (const port of others) await onMember(port, { replSetFreeze: 120 });
      await onMember(primary, { replSetStepDown: 120, secondaryCatchUpPeriodSecs: 0, force: true });

      await expect
        .poll(async () => (await probe(`${url}/health/db`)).health, patient)
        .toMatchObject({ status: 'read_only' });
      expect(await probe(`${url}/health/db`)).toMatchObject({
        status: 503,
        health: { healthy: false, primary: false, reasons: ['there is no writable primary'] },
      });
      expect((await probe(`${url}/health/live`)).status).toBe(200);

      for (const port of [primary, ...others]) await onMember(port, { replSetFreeze: 0 });
      await expect.poll(async () => (await probe(`${url}/health/db`)).status, patient).toBe(200);
    }, 120_000);

    it('is down within 2.5 s when it is paused, costs no connection meanwhile, and is healthy when it goes on', async () => {
      const url = await startProbes();
      await expect.poll(async () => (await probe(`${url}/health/db`)).status, patient).toBe(200);
      let taken = 0;
      client.on('connectionCheckedOut', () => taken++).on('connectionCheckedIn', () => taken--);
      const signal = (name: NodeJS.Signals) => {
        for (const { pid } of server.server.members) process.kill(pid, name);
      };
      const took: number[] = [];
      signal('SIGSTOP');
      try {
        for (let round = 0; round < rounds; round++) {
          // For longer than an answer is kept.
          await new Promise((resolve) => setTimeout(resolve, 100));
          const began = performance.now();
          const { status, health } = await probe(`${url}/health/db`);
          took.push(performance.now() - began);
          expect([status, health?.status]).toEqual([503, 'disconnected']);
        }
        expect((await probe(`${url}/health/live`)).status).toBe(200);
        expect(taken).toBe(0);
      } finally {
        signal('SIGCONT');
      }
      // The best of them: a machine that is busy with other things makes some of them wait.
      expect(Math.min(...took)).toBeLessThan(2_500);
      // The first one meets connections that were in use, and has nothing else to wait for either.
      expect(took[0]).toBeLessThan(5_000);
      await expect.poll(async () => (await probe(`${url}/health/db`)).status, patient).toBe(200);
    }, 120_000);
  });
}
