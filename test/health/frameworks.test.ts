import express from 'express';
import { fastify } from 'fastify';
import type { Db } from 'mongodb';
import { beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { cachedHealth, healthHandler, healthPlugin, type HealthOptions } from '../../src/health';
import { useDatabase } from '../support/database';
import { fixture } from '../support/fixture';
import { listen, probe, serve } from './probes';

const { folder, names } = fixture;
const database = useDatabase({ monitorCommands: true });
let sent: string[] = [];
beforeAll(() => {
  database.client.on('commandStarted', ({ commandName }) => sent.push(commandName));
});
beforeEach(() => {
  sent = [];
});
const pings = () => sent.filter((name) => name === 'ping').length;

/** Each serves the probes, and `/other` itself; gives the address. */
const frameworks: readonly (readonly [name: string, start: (db: Db, options: HealthOptions) => Promise<string>])[] = [
  [
    'node:http',
    (db, options) => {
      const handler = healthHandler(db, options);
      return serve((request, response) => {
        handler(request, response, () => response.end('other'));
      });
    },
  ],
  [
    'Express',
    (db, options) => {
      const app = express().disable('x-powered-by');
      app.use(healthHandler(db, options));
      app.get('/other', (_, response) => void response.send('other'));
      return serve(app);
    },
  ],
  [
    'Fastify',
    async (db, options) => {
      const app = fastify();
      app.register(healthPlugin(db, options));
      app.get('/other', () => 'other');
      await app.listen({ port: 0, host: '127.0.0.1' });
      onTestFinished(() => app.close());
      return listen(app.server);
    },
  ],
];

describe.each(frameworks)('The probes in %s', (_, start) => {
  it('answer whether the database can be worked with, with nothing of where it is', async () => {
    const url = await start(database.db, { folder, allowPending: true });
    const { status, headers, health, text } = await probe(`${url}/health/db?verbose=1`);
    expect(health).toEqual({
      status: 'connected',
      healthy: true,
      latency_ms: expect.any(Number) as number,
      primary: true,
      pending_migrations: names.length,
      reasons: [],
      checked_at: expect.stringMatching(/^\d{4}-.*Z$/) as string,
    });
    expect(status).toBe(200);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('content-type')).toMatch(/^application\/json/);
    expect(text).not.toMatch(/127\.0\.0\.1|localhost|[\w.]:\d{4,5}\b|mongodb/);
  });

  it('answer that the process runs, without a word to the database', async () => {
    const url = await start(database.db, { folder });
    const { status, text, headers } = await probe(`${url}/health/live`);
    expect([status, text]).toEqual([200, '{"status":"live"}\n']);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(sent).toEqual([]);
  });

  it('answer HEAD as GET, without the body', async () => {
    const url = await start(database.db, { folder });
    const { status, headers } = await probe(`${url}/health/db`);
    const head = await probe(`${url}/health/db`, 'HEAD');
    expect([head.status, head.text]).toEqual([status, '']);
    expect(head.headers.get('content-length')).toBe(headers.get('content-length'));
  });

  it.each(['POST', 'PUT', 'DELETE', 'OPTIONS'])('refuse %s, whatever comes with it', async (method) => {
    const url = await start(database.db, { folder });
    const init = method === 'OPTIONS' ? {} : { body: 'anything', headers: { 'content-type': 'application/json' } };
    for (const path of ['/health/db', '/health/live']) {
      const { status, headers } = await probe(url + path, method, init);
      expect([status, headers.get('allow')]).toEqual([405, 'GET, HEAD']);
    }
    expect(sent).toEqual([]);
  });

  it('leave every other path to the application', async () => {
    const url = await start(database.db, { folder });
    expect((await probe(`${url}/other`)).text).toBe('other');
    expect(sent).toEqual([]);
  });
});

describe('Where the probes are', () => {
  it('is 404 elsewhere, when they are the whole server', async () => {
    const url = await serve(healthHandler(database.db, { folder }));
    const { status, headers } = await probe(`${url}/health/database`);
    expect([status, headers.get('cache-control')]).toEqual([404, 'no-store']);
  });

  it('is below a prefix, if the application has one', async () => {
    const app = fastify();
    app.register(healthPlugin(database.db, { folder }), { prefix: '/internal' });
    onTestFinished(() => app.close());
    expect((await app.inject('/internal/health/live')).statusCode).toBe(200);
    const mounted = await serve(express().use('/internal', healthHandler(database.db, { folder })));
    expect((await probe(`${mounted}/internal/health/live`)).status).toBe(200);
  });
});

describe('An answer that is kept', () => {
  it('is shared by 500 probes that come at once: they make one ping', async () => {
    const url = await serve(healthHandler(database.db, { folder, maxAge: 60_000, allowPending: true }));
    const answers = await Promise.all(Array.from({ length: 500 }, () => probe(`${url}/health/db`)));
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    expect(answers[0]?.status).toBe(200);
    expect(pings()).toBe(1);
  });

  it('is shared by all who ask while it is sought, however short it is kept', async () => {
    const check = cachedHealth(database.db, { folder, maxAge: 0 });
    const answers = await Promise.all(Array.from({ length: 500 }, check));
    expect(new Set(answers).size).toBe(1);
    expect(pings()).toBe(1);
    await check();
    expect(pings()).toBe(2);
  });

  it('serves those who ask later, for as long as it is kept', async () => {
    const check = cachedHealth(database.db, { folder, maxAge: 100 });
    const first = await check();
    await expect.poll(async () => (await check()) !== first, { timeout: 10_000 }).toBe(true);
    const kept = cachedHealth(database.db, { folder, maxAge: 60_000 });
    expect(await kept()).toBe(await kept());
  });
});
