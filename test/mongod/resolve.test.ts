import { createServer, type AddressInfo, type Server } from 'node:net';
import { once } from 'node:events';
import { describe, expect, inject, onTestFinished, test } from 'vitest';
import { resolveServer, runDb, serverVersion } from '../../src/mongod';
import { freePort } from '../support/free-port';
import { composeImage } from '../support/server';
import { wrongVersion } from '../support/global-setup';
import { temporaryFolder } from './fakes';
import { MongoUrl } from '../../src/support/mongo-url';

/** A port that something listens on until the test ends. */
async function takenPort(): Promise<{ port: number; server: Server }> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return { port: (server.address() as AddressInfo).port, server };
}

describe('which server a command works on', () => {
  test('MONGODB_URL wins over --embedded, its version is the server’s own, and the URL is not shown', async () => {
    const { url, version } = inject('mongodb');
    const server = await resolveServer({ url: new MongoUrl(url), embedded: true, env: { NODE_ENV: 'production' } });
    expect(server).toMatchObject({ how: 'MONGODB_URL' });
    expect(server.url.reveal()).toBe(url);
    await server.stop();
    expect(await serverVersion(url)).toBe(version); // it was not ours to stop
  });

  test('without either it is a usage error that says what is not set', async () => {
    await expect(resolveServer({ env: {} })).rejects.toMatchObject({
      code: 'USAGE',
      why: ['MONGODB_URL is not set'],
      fix: expect.stringContaining('--embedded') as string,
    });
  });

  test('--embedded is refused in production', async () => {
    await expect(resolveServer({ embedded: true, env: { NODE_ENV: 'production' } })).rejects.toMatchObject({
      code: 'USAGE',
      why: ['--embedded is refused while NODE_ENV is production'],
      fix: expect.stringContaining('MONGODB_URL') as string,
    });
  });

  test('--embedded uses the server that `npm run db` keeps running, and leaves it running', async () => {
    const persistent = { root: await temporaryFolder() };
    const port = await freePort();
    const abort = new AbortController();
    const lines: string[] = [];
    let ready = (): void => undefined;
    const printed = new Promise<void>((resolve) => (ready = resolve));
    const running = runDb({
      port,
      persistent,
      signal: abort.signal,
      print: (line) => {
        lines.push(line);
        if (line.startsWith('Press Ctrl-C')) ready();
      },
    });
    await Promise.race([printed, running]);
    const url = `mongodb://127.0.0.1:${port}/?replicaSet=rs0`;
    expect(lines).toEqual([
      expect.stringMatching(/^mongod \d+\.\d+\.\d+, embedded mongod \(.+\), data in .+\d\.\d$/),
      `MONGODB_URL='${url}'`,
      'Press Ctrl-C to stop.',
    ]);
    const joined = await resolveServer({ embedded: true, env: process.env, persistent });
    expect(joined.how).toBe(`embedded mongod (run by process ${process.pid})`);
    expect(joined.url.reveal()).toBe(url);
    await joined.stop();
    expect(await serverVersion(url)).toBe(await serverVersion(joined.url));
    await expect(runDb({ port, persistent })).rejects.toMatchObject({
      code: 'DATA_IN_USE',
      why: [`process ${process.pid} runs it, at ${url}`],
    });

    abort.abort();
    await running;
    await expect(serverVersion(`${url}&serverSelectionTimeoutMS=300`)).rejects.toThrow('ECONNREFUSED');
  });

  test('`npm run db` on a port that is taken says so and names another one', async () => {
    const { port } = await takenPort();
    await expect(runDb({ port, persistent: { root: await temporaryFolder() } })).rejects.toMatchObject({
      code: 'PORT_TAKEN',
      summary: `Cannot start mongod on port ${port}`,
      fix: expect.stringContaining(`--port ${port + 1}`) as string,
    });
  });
});

describe('the tests’ own server', () => {
  test('has the image that the compose file names', async () => {
    expect(await composeImage()).toBe('mongo:7.0');
  });

  test('must be 7.0 in CI, or what TEST_MONGODB_VERSION begins with', () => {
    expect(wrongVersion('6.0.5', {})).toBeUndefined();
    expect(wrongVersion('7.0.28', { CI: 'true' })).toBeUndefined();
    expect(wrongVersion('6.0.5', { CI: 'true' })).toMatch(/MongoDB 7\.0 here, but the server is 6\.0\.5/);
    expect(wrongVersion('8.0.3', { CI: 'true', TEST_MONGODB_VERSION: '8.0' })).toBeUndefined();
    expect(wrongVersion('7.0.28', { TEST_MONGODB_VERSION: '8.0' })).toMatch(/MongoDB 8\.0/);
  });
});
