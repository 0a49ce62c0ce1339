import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openPersistent } from '../../src/mongod/persistent';
import { projectFolder } from '../support/project-folder';
import { typeScript } from '../support/type-script';
import { temporaryFolder } from './fakes';
import { portOf, started, use } from './started';

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

  test('after a kill -9 of its program the data open again, with all that was acknowledged', async () => {
    const root = await temporaryFolder();
    const program = `
      const { openPersistent } = require('./src/mongod/persistent');
      openPersistent({ root: process.argv[1], command: 'the crashed one', shared: false })
        .then((server) => { console.log(server.url); });`;
    const child = spawn(process.execPath, [...typeScript, '-e', program, root], { cwd: projectFolder });
    onTestFinished(() => void child.kill('SIGKILL'));
    const url = await firstLine(child);
    await use({ url }, (db) =>
      db.collection('kept').insertOne({ n: 1 }, { writeConcern: { w: 'majority', journal: true } }),
    );

    const meanwhile = openPersistent({ root, command: 'another', shared: false });
    await expect(meanwhile).rejects.toMatchObject({
      code: 'DATA_IN_USE',
      why: [expect.stringContaining('(the crashed one)') as string],
      fix: expect.stringContaining('npm run db') as string,
    });

    child.kill('SIGKILL');
    await once(child, 'exit');
    const server = await openPersistent({ root, command: 'the next', shared: false });
    onTestFinished(server.stop);
    // On another port, as a writable replica set.
    expect(portOf(server)).not.toBe(portOf({ url }));
    await use(server, async (db) => {
      await db.collection('kept').insertOne({ n: 2 }, { writeConcern: { w: 'majority' } });
      expect(await db.collection('kept').distinct('n')).toEqual([1, 2]);
      expect(await db.admin().command({ hello: 1 })).toMatchObject({
        hosts: [`127.0.0.1:${portOf(server)}`],
        setName: 'rs0',
      });
    });
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
