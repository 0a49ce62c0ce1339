import path from 'node:path';
import { execa } from 'execa';
import { describe, expect, inject, it } from 'vitest';
import { freePort } from '../support/free-port';
import { projectFolder } from '../support/project-folder';
import { typeScript } from '../support/type-script';
import { polling, startHealth } from '../health/health-command';
import { probe } from '../health/probes';
import { Scrape } from './scrapes';

/** Starts it, and waits until it serves; gives its address. */
async function serveHealth(...args: string[]): Promise<string> {
  const port = await freePort();
  startHealth(['--port', String(port), ...args], inject('mongodb').url);
  const url = `http://127.0.0.1:${port}`;
  await expect.poll(() => probe(`${url}/health/live`).catch(() => undefined), polling).toMatchObject({ status: 200 });
  return url;
}

describe('schema health', () => {
  it('serves /metrics as text for Prometheus, to GET and HEAD alone', async () => {
    const url = await serveHealth();
    const { status, headers, text } = await probe(`${url}/metrics`);
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(headers.get('cache-control')).toBe('no-store');
    const found = new Scrape(text);
    expect(found.failed).toEqual([]);
    expect(found.value('schema_up')).toBe(1);
    // Those of the probes count, too.
    expect(found.value('schema_pool_connections', { state: 'available' })).toBeGreaterThan(1);
    expect(await probe(`${url}/metrics`, 'HEAD')).toMatchObject({ status: 200, text: '' });
    expect(await probe(`${url}/metrics`, 'POST')).toMatchObject({ status: 405 });
    // What was found is kept for ten seconds.
    const gathered = (page: string) => new Scrape(page).value('schema_gathered_timestamp_seconds');
    expect(gathered((await probe(`${url}/metrics?again`)).text)).toBe(gathered(text));
  });

  it('serves it where no server is, and not with --no-metrics', async () => {
    const port = await freePort();
    startHealth(['--port', String(port)], `mongodb://127.0.0.1:${await freePort()}/`);
    const [url, without] = [`http://127.0.0.1:${port}`, await serveHealth('--no-metrics')];
    await expect.poll(() => probe(`${url}/health/live`).catch(() => undefined), polling).toMatchObject({ status: 200 });
    const { status, text } = await probe(`${url}/metrics`);
    expect([status, new Scrape(text).value('schema_up')]).toEqual([200, 0]);
    expect(await probe(`${without}/metrics`)).toMatchObject({ status: 404 });
  });
});

describe('Verbs that serve no metrics', () => {
  it.each([[['--help']], [['health', '--help']], [['status', '--help']]])(
    'do not load what metrics take: %j',
    async (args) => {
      const main = path.join(projectFolder, 'src', 'cli', 'main.ts');
      const program = `
      process.on('exit', () => {
        const loaded = Object.keys(require.cache);
        console.error(JSON.stringify([loaded.length > 10, loaded.filter((file) => /prom-client|src.metrics.(?!pool)/.test(file))]));
      });
      process.argv = [process.argv[0], ${JSON.stringify(main)}, ...${JSON.stringify(args)}];
      require('node:module').runMain();`;
      const { stderr } = await execa('node', [...typeScript, '-e', program], { cwd: projectFolder });
      expect(JSON.parse(stderr.split('\n').at(-1) ?? '')).toEqual([true, []]);
    },
  );
});
