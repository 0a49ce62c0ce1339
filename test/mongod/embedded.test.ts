import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { startEmbedded } from '../../src/mongod';
import { temporaryFolder } from './fakes';
import { started, use } from './started';

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
        expect.stringContaining('while it opened its data'),
        expect.stringContaining(`the data in ${dataDir} are damaged`),
      ],
      fix: expect.stringContaining(`mv ${dataDir} ${dataDir}.damaged`) as string,
    });
    expect(said.mock.calls).toEqual([]);
  });
});
