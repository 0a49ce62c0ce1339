import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { access, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { startEmbedded } from '../../src/mongod';
import { openPersistent } from '../../src/mongod/persistent';
import { projectFolder } from '../support/project-folder';
import { typeScript } from '../support/type-script';
import { temporaryFolder } from './fakes';
import { portOf, started, use } from './started';

describe('the embedded server', () => {
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

  test('whose data are damaged says so in one error, with the fix', async () => {
    const dataDir = await temporaryFolder();
    for (const name of ['WiredTiger', 'WiredTiger.turtle', 'WiredTiger.wt', '_mdb_catalog.wt', 'storage.bson']) {
      await writeFile(path.join(dataDir, name), Buffer.alloc(4096, 7));
    }
    const said = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    onTestFinished(() => {
      said.mockRestore();
    });
    await expect(startEmbedded({ dataDir, replicaSet: false })).rejects.toMatchObject({
      code: 'NO_SERVER',
      why: [
        expect.stringContaining('as it opened its data'),
        expect.stringContaining(`the data in ${dataDir} are damaged`),
      ],
      fix: expect.stringContaining(`mv ${dataDir} ${dataDir}.damaged`) as string,
    });
    expect(said.mock.calls).toEqual([]);
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
