import { createServer, type AddressInfo, type Server } from 'node:net';
import { once } from 'node:events';
import { describe, expect, inject, onTestFinished, test } from 'vitest';
import { resolveServer, runDb, serverVersion } from '../../src/server';
import { freePort } from '../support/free-port';
import { composeImage } from '../support/server';
import { wrongVersion } from '../support/global-setup';
import { temporaryFolder } from './fakes';

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
    const server = await resolveServer({ url, embedded: true, env: { NODE_ENV: 'production' } });
    expect(server).toMatchObject({ url, version, how: 'MONGODB_URL' });
    await server.stop();
    expect(await serverVersion(url)).toBe(version); // it was not ours to stop
  });

  test('without either it is a usage error that says what is not set', async () => {
    for (const url of [undefined, '']) {
      await expect(resolveServer({ url })).rejects.toMatchObject({
        code: 'USAGE',
        message: expect.stringMatching(/MONGODB_URL is not set.*--embedded/) as string,
      });
    }
  });

  test('--embedded is refused in production', async () => {
    await expect(resolveServer({ embedded: true, env: { NODE_ENV: 'production' } })).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringContaining('NODE_ENV') as string,
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
        if (line.startsWith('Ctrl-C')) ready();
      },
    });
    await Promise.race([printed, running]);
    const url = `mongodb://127.0.0.1:${port}/?replicaSet=rs0`;
    expect(lines).toEqual([
      expect.stringMatching(/^mongod \d+\.\d+\.\d+, embedded mongod \(.+\), data in .+\d\.\d$/),
      `MONGODB_URL='${url}'`,
      'Ctrl-C stops it.',
    ]);
    const joined = await resolveServer({ embedded: true, env: {}, persistent });
    expect(joined).toMatchObject({ url, how: `embedded mongod (the one that process ${process.pid} runs)` });
    await joined.stop();
    expect(await serverVersion(url)).toBe(joined.version);
    await expect(runDb({ port, persistent })).rejects.toThrow(`It runs already, in process ${process.pid}`);

    abort.abort();
    await running;
    await expect(serverVersion(`${url}&serverSelectionTimeoutMS=300`)).rejects.toThrow('ECONNREFUSED');
  });

  test('`npm run db` on a port that is taken says so and names the way out', async () => {
    const { port } = await takenPort();
    await expect(runDb({ port, persistent: { root: await temporaryFolder() } })).rejects.toMatchObject({
      code: 'PORT_TAKEN',
      message: expect.stringContaining(`--port ${port + 1}`) as string,
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
    expect(wrongVersion('6.0.5', { CI: 'true' })).toMatch(/MongoDB 7\.0 here, and the server is 6\.0\.5/);
    expect(wrongVersion('8.0.3', { CI: 'true', TEST_MONGODB_VERSION: '8.0' })).toBeUndefined();
    expect(wrongVersion('7.0.28', { TEST_MONGODB_VERSION: '8.0' })).toMatch(/MongoDB 8\.0/);
  });
});
