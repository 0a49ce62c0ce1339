import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Db, MongoClient } from 'mongodb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newClient } from '../../src/database/client';
import { withRetry } from '../../src/database/retry';
import { watchTraffic, type Traffic } from '../../src/database/traffic';
import { discardServer, startEmbedded, type RunningServer } from '../../src/mongod';
import { MongoUrl } from '../../src/support/mongo-url';
import { errorWith } from '../support/error-with';
import { freePort } from '../support/free-port';
import { startProxy, type Proxy } from '../support/proxy';
import { TEST_ARGS } from '../support/server';

/**
 * A server that somebody starts again whenever it ends, on the same port and data. Wine may keep connections of a mongod that was
 * killed open, so the proxy between ends them, as the kernel would.
 */
class Supervised {
  starts = 0;
  #server: RunningServer | undefined;
  #proxy: Proxy | undefined;

  constructor(
    readonly dataDir: string,
    readonly port: number,
  ) {}

  async start(): Promise<void> {
    const args = [...TEST_ARGS];
    this.#server = await startEmbedded({ dataDir: this.dataDir, port: this.port, args });
    this.#proxy ??= await startProxy(this.#server.url, () => undefined);
    this.starts++;
  }

  get url(): string {
    return this.#proxy?.url ?? '';
  }

  /** Ends it as a crash would, and starts it again. */
  async restart(): Promise<void> {
    await this.#kill();
    await this.start();
  }

  async stop(): Promise<void> {
    await this.#kill();
    await this.#proxy?.close();
  }

  async #kill(): Promise<void> {
    if (this.#server) await discardServer(this.#server);
    this.#proxy?.cut();
  }
}

describe('A server that dies again and again', () => {
  let server: Supervised;
  let client: MongoClient;
  let traffic: Traffic;
  let db: Db;

  beforeEach(async () => {
    server = new Supervised(await mkdtemp(path.join(tmpdir(), 'lost-writes-')), await freePort());
    await server.start();
    client = await newClient(MongoUrl.of(server.url), { monitorCommands: true }).connect();
    traffic = watchTraffic(client);
    db = client.db('lost');
    await db.createCollection('users');
  });

  afterEach(async () => {
    await client.close();
    await server.stop();
    await rm(server.dataDir, { recursive: true, force: true });
  });

  /** Kills and restarts the server under each of these commands in turn. */
  function killUnder(commands: readonly string[]): Promise<unknown>[] {
    const left = [...commands];
    const restarts: Promise<unknown>[] = [];
    client.on('commandStarted', ({ commandName }) => {
      if (left[0] !== commandName) return;
      left.shift();
      restarts.push(server.restart());
    });
    return restarts;
  }

  /** Lets a command hang for as long as it takes to kill the server: an index build waits, and so do others. */
  const hang = () =>
    client.db('admin').command({
      configureFailPoint: 'failCommand',
      mode: 'alwaysOn',
      data: { failCommands: ['collMod', 'createIndexes'], blockConnection: true, blockTimeMS: 20_000 },
    });

  const change = () => db.command({ collMod: 'users', validator: { a: 1 } });
  const retry = (work: () => Promise<unknown>) => withRetry(work, { beforeRetry: () => traffic.lost.refuseThird() });

  it('twice under the same command is not asked a third time', async () => {
    await hang();
    let sent = 0;
    client.on('commandStarted', ({ commandName }) => (sent += commandName === 'collMod' ? 1 : 0));
    const restarts = killUnder(['collMod', 'collMod', 'collMod']);
    const work = async () => {
      if (sent > 0) await hang();
      await change();
    };
    await expect(retry(work)).rejects.toThrow(
      errorWith({ code: 'SERVER_DIED', summary: 'The server died twice during collMod of users' }),
    );
    await Promise.all(restarts);
    expect({ sent, starts: server.starts }).toEqual({ sent: 2, starts: 3 });
  });

  it('under two different commands is asked again', async () => {
    await hang();
    const restarts = killUnder(['collMod', 'createIndexes']);
    let isHanging = false;
    const work = async () => {
      await change();
      if (!isHanging) await hang();
      isHanging = true;
      await db.command({ createIndexes: 'users', indexes: [{ name: 'a_1', key: { a: 1 } }] });
    };
    await retry(work);
    await Promise.all(restarts);
    expect(server.starts).toBe(3);
    expect(Object.keys(await db.collection('users').indexInformation())).toContain('a_1');
  });
});
