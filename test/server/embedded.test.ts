import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { MongoClient, type Db } from 'mongodb';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startEmbedded, type RunningServer } from '../../src/server';
import { openPersistent } from '../../src/server/persistent';
import { temporaryFolder } from './fakes';

const ROOT = join(__dirname, '..', '..');

async function use<T>({ url }: { url: string }, work: (db: Db) => Promise<T>): Promise<T> {
  const client = new MongoClient(url);
  try {
    return await work(client.db('persistence'));
  } finally {
    await client.close();
  }
}

async function started(options: Parameters<typeof startEmbedded>[0]): Promise<RunningServer> {
  const server = await startEmbedded(options);
  onTestFinished(server.stop);
  return server;
}

describe('the embedded server', () => {
  test('keeps its data across a restart on another port, as a writable replica set', async () => {
    const dataDir = join(await temporaryFolder(), 'data');
    const first = await started({ dataDir });
    await use(first, (db) => db.collection('kept').insertOne({ n: 1 }));
    await first.stop();
    const second = await started({ dataDir });
    expect(second.members[0]?.port).not.toBe(first.members[0]?.port);
    await use(second, async (db) => {
      await db.collection('kept').insertOne({ n: 2 }, { writeConcern: { w: 'majority' } });
      expect(await db.collection('kept').countDocuments()).toBe(2);
      expect(await db.admin().command({ hello: 1 })).toMatchObject({
        hosts: [`127.0.0.1:${String(second.members[0]?.port)}`],
        setName: 'rs0',
      });
    });
  });

  test('listens on 127.0.0.1 only, takes arguments, and is gone after stop', async () => {
    const server = await started({ args: ['--setParameter', 'enableTestCommands=1'], replicaSet: false });
    await use(server, async (db) => {
      const { parsed } = await db.admin().command({ getCmdLineOpts: 1 });
      expect(parsed).toMatchObject({ net: { bindIp: '127.0.0.1' }, setParameter: { enableTestCommands: '1' } });
      expect((await db.admin().command({ hello: 1 }))['setName']).toBeUndefined();
    });
    const pid = server.members[0]?.pid ?? 0;
    await server.stop();
    await server.stop(); // twice is fine
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  });

  test('after a kill -9 of its program the data open again, with all that was acknowledged', async () => {
    const root = await temporaryFolder();
    const program = `
      const { openPersistent } = require('./src/server/persistent');
      openPersistent({ root: process.argv[1], command: 'the crashed one', shared: false })
        .then((server) => { console.log(server.url); });`;
    const child = spawn(process.execPath, ['-r', 'ts-node/register', '-e', program, root], { cwd: ROOT });
    onTestFinished(() => void child.kill('SIGKILL'));
    const url = await firstLine(child);
    await use({ url }, (db) =>
      db.collection('kept').insertOne({ n: 1 }, { writeConcern: { w: 'majority', journal: true } }),
    );

    const meanwhile = openPersistent({ root, command: 'another', shared: false });
    await expect(meanwhile).rejects.toMatchObject({ code: 'DATA_IN_USE', message: /\(the crashed one\).*npm run db/ });

    child.kill('SIGKILL');
    await once(child, 'exit');
    const server = await openPersistent({ root, command: 'the next', shared: false });
    onTestFinished(server.stop);
    expect(await use(server, (db) => db.collection('kept').countDocuments())).toBe(1);
    await server.stop();
    await expect(access(`${server.dataDir}.json`)).rejects.toThrow('ENOENT');
  });
});

async function firstLine(child: ChildProcess): Promise<string> {
  let text = '';
  for await (const chunk of child.stdout ?? []) {
    text += String(chunk);
    if (text.includes('\n')) break;
  }
  return text.trim();
}
