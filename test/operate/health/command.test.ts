import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { once } from 'node:events';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, inject, it, onTestFinished } from 'vitest';
import { startEmbedded } from '../../../src/server';
import { projectFolder } from '../../commands/project-copy';
import { uniqueName } from '../../support/database';
import { freePort } from '../../support/free-port';
import { TEST_ARGS } from '../../support/server';
import { typeScript } from '../../support/type-script';
import { probe } from './probes';

const patient = { timeout: 40_000, interval: 100 };
const { PATH = '', HOME = '' } = process.env;

/** `schema health`, in a process of its own. */
function health(args: readonly string[], url: string) {
  const child = execa('node', [...typeScript, 'src/commands/main.ts', 'health', ...args], {
    cwd: projectFolder,
    env: { PATH, HOME, MONGODB_URL: url, MONGODB_DATABASE: uniqueName() },
    extendEnv: false,
    reject: false,
  });
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await child;
  });
  return child;
}

describe('schema health', () => {
  let dataDir: string;
  beforeAll(async () => {
    dataDir = await mkdtemp(path.join(tmpdir(), 'health-'));
  });
  afterAll(() => rm(dataDir, { recursive: true, force: true, maxRetries: 5 }));

  it('starts without a server, follows it through its starts and its kill, and ends 0 at SIGTERM', async () => {
    const [mongod, port] = [await freePort(), await freePort()];
    const child = health(['--port', String(port), '--allow-pending', '--json'], `mongodb://127.0.0.1:${mongod}/`);
    const start = () => startEmbedded({ dataDir, port: mongod, args: TEST_ARGS, replicaSet: false });
    const status = async () => (await probe(`http://127.0.0.1:${port}/health/db`).catch(() => undefined))?.status;

    await expect.poll(status, patient).toBe(503);
    const first = await start();
    await expect.poll(status, patient).toBe(200);
    await first.members[0]?.kill();
    await expect.poll(status, patient).toBe(503);
    const second = await start();
    onTestFinished(() => second.stop());
    await expect.poll(status, patient).toBe(200);

    child.kill('SIGTERM');
    const { exitCode, stdout, stderr } = await child;
    expect(exitCode, stderr).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ url: `http://127.0.0.1:${port}` });
  }, 180_000);

  it('answers what came in before it stops at Ctrl-C, and nothing but the probes', async () => {
    const [nobody, port] = [await freePort(), await freePort()];
    const child = health(['--port', String(port)], `mongodb://127.0.0.1:${nobody}/`);
    const live = `http://127.0.0.1:${port}/health/live`;
    await expect.poll(() => probe(live).catch(() => undefined), patient).toMatchObject({ status: 200 });
    expect(await probe(`http://127.0.0.1:${port}/`)).toMatchObject({ status: 404, text: '{"error":"not found"}\n' });
    // A connection that asks for nothing must not keep it from ending.
    const silent = connect(port, '127.0.0.1').on('error', () => undefined);
    onTestFinished(() => void silent.destroy());
    const asked = probe(`http://127.0.0.1:${port}/health/db`);
    await new Promise((resolve) => setTimeout(resolve, 300));
    child.kill('SIGINT');
    expect((await asked).status).toBe(503);
    expect((await child).exitCode).toBe(0);
  });

  it('--once prints what it found, and ends 0 or 1', async () => {
    const { url } = inject('mongodb');
    const [good, bad, table] = await Promise.all([
      health(['--once', '--json', '--allow-pending'], url),
      health(['--once', '--json'], url),
      health(['--once'], `mongodb://127.0.0.1:${await freePort()}/`),
    ]);
    expect(good.exitCode).toBe(0);
    expect(JSON.parse(good.stdout)).toMatchObject({ status: 'connected', healthy: true });
    expect(bad.exitCode).toBe(1);
    expect(JSON.parse(bad.stdout)).toMatchObject({ healthy: false, pending_migrations: expect.any(Number) as number });
    expect(table.exitCode).toBe(1);
    expect(table.stdout).toMatch(/status +disconnected\n/);
  });

  it('ends 64 without MONGODB_URL, on a port that is taken, and for what is no port', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    onTestFinished(() => void other.close());
    const taken = String((other.address() as { port: number }).port);
    const [unset, busy, wrong] = await Promise.all([
      health([], ''),
      health(['--port', taken], 'mongodb://127.0.0.1:1/'),
      health(['--port', '70000'], 'mongodb://127.0.0.1:1/'),
    ]);
    expect([unset.exitCode, busy.exitCode, wrong.exitCode]).toEqual([64, 64, 64]);
    expect(unset.stderr).toContain('MONGODB_URL is not set');
    expect(busy.stderr).toContain(`Port ${taken} is taken by another program. Way out:`);
    expect(wrong.stderr).toContain('A port is a whole number');
  });
});
