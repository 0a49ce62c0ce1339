import { createServer } from 'node:http';
import { connect } from 'node:net';
import { once } from 'node:events';
import { describe, expect, inject, it, onTestFinished } from 'vitest';
import { fixture } from '../support/fixture';
import { freePort } from '../support/free-port';
import { runSchema } from '../support/schema-command';
import { followServer, healthEnvironment, polling, startHealth } from './health-command';
import { probe } from './probes';

/** In this process. */
const run = (args: readonly string[], url: string) => runSchema(fixture, ['health', ...args], healthEnvironment(url));

describe('schema health', () => {
  it('starts without a server, notices one that starts, and ends 0 at SIGTERM', () => followServer({ kills: 0 }));

  it('answers what came in before it stops at Ctrl-C, and nothing but the probes', async () => {
    const [nobody, port] = [await freePort(), await freePort()];
    const command = startHealth(['--port', String(port)], `mongodb://127.0.0.1:${nobody}/`);
    const live = `http://127.0.0.1:${port}/health/live`;
    await expect.poll(() => probe(live).catch(() => undefined), polling).toMatchObject({ status: 200 });
    expect(await probe(`http://127.0.0.1:${port}/`)).toMatchObject({ status: 404, text: '{"error":"not found"}\n' });
    // A connection that asks for nothing must not keep it from ending.
    const silent = connect(port, '127.0.0.1').on('error', () => undefined);
    onTestFinished(() => void silent.destroy());
    const asked = probe(`http://127.0.0.1:${port}/health/db`);
    await new Promise((resolve) => setTimeout(resolve, 300));
    command.send('SIGINT');
    expect((await asked).status).toBe(503);
    expect((await command.ended).exitCode).toBe(0);
  });

  it('--once prints what it found, and ends 0 or 1', async () => {
    const { url } = inject('mongodb');
    const [good, bad, table] = await Promise.all([
      run(['--once', '--json', '--allow-pending'], url),
      run(['--once', '--json'], url),
      run(['--once'], `mongodb://127.0.0.1:${await freePort()}/`),
    ]);
    expect(good.exitCode).toBe(0);
    expect(JSON.parse(good.stdout)).toMatchObject({
      status: 'connected',
      healthy: true,
      pending_migrations: fixture.names.length,
    });
    expect(bad.exitCode).toBe(1);
    expect(JSON.parse(bad.stdout)).toMatchObject({ healthy: false, pending_migrations: fixture.names.length });
    expect(table.exitCode).toBe(1);
    expect(table.stdout).toMatch(/status +disconnected\n/);
  });

  it('ends 64 without MONGODB_URL, on a port that is taken, and for what is no port', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    onTestFinished(() => void other.close());
    const taken = String((other.address() as { port: number }).port);
    const listeners = process.listenerCount('SIGTERM');
    const [unset, busy, wrong] = await Promise.all([
      run([], ''),
      run(['--port', taken], 'mongodb://127.0.0.1:1/'),
      run(['--port', '70000'], 'mongodb://127.0.0.1:1/'),
    ]);
    expect([unset.exitCode, busy.exitCode, wrong.exitCode]).toEqual([64, 64, 64]);
    // What was refused waits for no signal.
    expect(process.listenerCount('SIGTERM')).toBe(listeners);
    expect(unset.stderr).toContain('MONGODB_URL is not set');
    expect(busy.stderr).toContain(`Port ${taken} is taken by another program (USAGE)\n  fix    `);
    expect(wrong.stderr).toContain('Give a port: a whole number');
  });
});
