import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { startEmbedded } from '../../src/mongod';
import { uniqueName } from '../support/database';
import { fixture } from '../support/fixture';
import { freePort } from '../support/free-port';
import { startSchema, type RunningCommand } from '../support/running-command';
import { TEST_ARGS } from '../support/server';
import { probe } from './probes';

export const polling = { timeout: 40_000, interval: 100 };

export function healthEnvironment(url: string): Record<string, string> {
  return { MONGODB_URL: url, MONGODB_DATABASE: uniqueName() };
}

/** `schema health` in a process of its own, which a signal ends. */
export function startHealth(args: readonly string[], url: string): RunningCommand {
  return startSchema(fixture, healthEnvironment(url), ['health', ...args]);
}

/** Starts it where no server is, and sees to it that it notices each start and each kill of one, and ends at SIGTERM. */
export async function followServer({ kills }: { readonly kills: number }): Promise<void> {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'health-'));
  onTestFinished(() => rm(dataDir, { recursive: true, force: true, maxRetries: 5 }));
  const [mongod, port] = [await freePort(), await freePort()];
  const command = startHealth(['--port', String(port), '--allow-pending', '--json'], `mongodb://127.0.0.1:${mongod}/`);
  const status = async () => (await probe(`http://127.0.0.1:${port}/health/db`).catch(() => undefined))?.status;

  for (let killed = 0; killed <= kills; killed++) {
    await expect.poll(status, polling).toBe(503);
    const server = await startEmbedded({ dataDir, port: mongod, args: TEST_ARGS, replicaSet: false });
    onTestFinished(() => server.stop());
    await expect.poll(status, polling).toBe(200);
    if (killed < kills) await server.members[0]?.kill();
  }

  command.send('SIGTERM');
  const { exitCode, stdout, stderr } = await command.ended;
  expect(exitCode, stderr).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ url: `http://127.0.0.1:${port}` });
}
