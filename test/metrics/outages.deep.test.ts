import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MongoClient } from 'mongodb';
import { deploy } from '../../src/deploy';
import { checkHealth } from '../../src/health';
import { fixture } from '../support/fixture';
import { freePort } from '../support/free-port';
import { useOwnServer } from '../support/own-server';
import { startWithUsers, type ServerWithUsers } from '../support/server-with-users';
import { metricsOf, scrape } from './scrapes';

const { folder } = fixture;
const parts = ['backups', 'drift', 'indexes', 'migrations', 'queries', 'server', 'sizes'];

describe('Where no server is', () => {
  it('a scrape says so, and what it knows without one', async () => {
    const url = `mongodb://127.0.0.1:${await freePort()}/`;
    const found = await scrape(metricsOf({ url, database: 'product', folder }));
    expect(found.value('schema_up')).toBe(0);
    expect(found.value('schema_healthy')).toBe(0);
    expect(found.failed).toEqual([]);
    expect([...found.values.keys()].filter((name) => /collection|migration|index/.test(name))).toEqual([]);
  });
});

describe('A server that is paused', () => {
  const own = useOwnServer();
  const where = () => ({ url: own.server.url, database: 'product', folder });
  const signal = (name: NodeJS.Signals) => {
    for (const { pid } of own.server.members) process.kill(pid, name);
  };

  it('is not up, and what was begun is given up in time; it is up again once it goes on', async () => {
    await deploy({ ...where() });
    const client = await new MongoClient(own.server.url).connect();
    const lines: string[] = [];
    let pauses = false;
    const metrics = metricsOf(where(), {
      timeout: 500,
      onProblem: (line) => lines.push(line),
      check: async () => {
        const health = await checkHealth(client.db('product'), { folder, timeout: 500 });
        // It answers the probe, and nothing after that.
        if (pauses) signal('SIGSTOP');
        return health;
      },
    });
    try {
      const patient = metricsOf(where());
      expect((await scrape(patient)).failed).toEqual([]);
      // Another client connects first: a connection that is there already is what has to be given up.
      await expect.poll(async () => (await scrape(metrics)).failed, { timeout: 30_000 }).toEqual([]);
      lines.length = 0;

      pauses = true;
      let began = performance.now();
      const cut = await scrape(metrics);
      expect(performance.now() - began).toBeLessThan(5_000);
      expect(cut.value('schema_up')).toBe(1);
      expect(cut.failed.sort()).toEqual(parts.filter((part) => part !== 'backups'));
      expect(lines).toContain('metrics: sizes cannot be read: no answer within 0.5 s');

      began = performance.now();
      const down = await scrape(metrics);
      expect(performance.now() - began).toBeLessThan(5_000);
      expect(down.value('schema_up')).toBe(0);
      expect(down.value('schema_pool_waiting')).toBe(0);
    } finally {
      signal('SIGCONT');
    }
    pauses = false;
    await expect.poll(async () => (await scrape(metrics)).failed, { timeout: 30_000 }).toEqual([]);
    await expect.poll(() => lines, { timeout: 30_000 }).toContain('metrics: sizes can be read again');
    await client.close();
  });
});

describe('A user', () => {
  let server: ServerWithUsers;
  beforeAll(async () => {
    server = await startWithUsers();
    await deploy({ url: server.url, database: 'product', folder });
  });
  afterAll(() => server.stop());
  const failedFor = async (...roles: object[]) => {
    const lines: string[] = [];
    const url = await server.urlWith(...roles);
    const metrics = metricsOf({ url, database: 'product', folder }, { onProblem: (line) => lines.push(line) });
    const [found] = [await scrape(metrics), await scrape(metrics)];
    // A line for each, although there were two scrapes.
    expect(lines).toHaveLength(found.failed.length);
    return { found, failed: found.failed.sort(), lines: lines.sort() };
  };

  it('who has clusterMonitor and may read the database gets all of it', async () => {
    const roles = [
      { role: 'read', db: 'product' },
      { role: 'clusterMonitor', db: 'admin' },
    ];
    expect((await failedFor(...roles)).failed).toEqual([]);
  });

  it('who may only read gets what that allows, and is told which role is missing', async () => {
    const { found, failed, lines } = await failedFor({ role: 'read', db: 'product' });
    expect(failed).toEqual(['indexes', 'queries', 'server']);
    expect(found.value('schema_migrations_pending')).toBe(0);
    expect(found.value('schema_drift_differences')).toBe(0);
    expect(found.values.has('schema_index_bytes')).toBe(true);
    expect(found.values.has('schema_index_operations_total')).toBe(false);
    expect(found.values.has('schema_ttl_passes_total')).toBe(false);
    expect(lines.join('\n')).toMatch(/indexes cannot be read: .*lacks the privilege indexStats on product\./);
    expect(lines.join('\n')).toMatch(/queries cannot be read: .*lacks the privilege find on product\.system\.profile/);
    expect(lines.join('\n')).toMatch(/server cannot be read: .*lacks the privilege serverStatus on admin/);
    expect(lines.join('\n')).not.toContain(server.password);
  });

  it('who may do nothing there gets the ping, and no number of what cannot be read', async () => {
    const { found, failed } = await failedFor({ role: 'read', db: 'elsewhere' });
    expect(failed).toEqual(['drift', 'indexes', 'migrations', 'queries', 'server', 'sizes']);
    expect(found.value('schema_up')).toBe(1);
    expect(found.value('schema_ping_seconds')).toBeGreaterThan(0);
    expect(found.values.has('schema_migrations_pending')).toBe(false);
  });
});
