import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startWithUsers, type ServerWithUsers } from '../support/server-with-users';
import { holds, readIfThere, watch } from './credentials';
import { fillResults, script, temporaryFolder } from './support';

let server: ServerWithUsers;
let backupUrl: string;
beforeAll(async () => {
  server = await startWithUsers();
  backupUrl = await server.urlWith('backup' as never);
  const client = await new MongoClient(server.url).connect();
  await fillResults(client.db('product'), 5_000);
  await client.close();
});
afterAll(() => server.stop());

const isSecret = (text: string) => holds(server.password)(text);

describe('A password', () => {
  it('is in no list of processes, no output and no file that others can read, while a backup is taken and restored', async () => {
    const folder = await temporaryFolder();
    const env = { MONGODB_URL: backupUrl, MONGODB_DATABASE: 'product' };
    const watching = watch(isSecret);
    const taken = await script('backup_db.sh', ['--out', folder, '--json'], { env });
    expect(taken.exitCode, taken.stderr).toBe(0);
    const { file } = JSON.parse(taken.stdout) as { file: string };
    const restored = await script('restore_db.sh', [file, '--database', 'again'], { env: { MONGODB_URL: server.url } });
    expect(restored.exitCode, restored.stderr).toBe(0);
    const { seen, configs } = watching.stop();
    expect(seen).toEqual([]);
    expect(configs).toBeGreaterThan(0);
    expect(isSecret(taken.stdout + taken.stderr + restored.stdout + restored.stderr)).toBe(false);
    const left = (await readdir(tmpdir())).filter((name) =>
      isSecret(readIfThere(path.join(tmpdir(), name, 'config.yaml'))),
    );
    expect(left).toEqual([]);
  });

  it('that is given as an argument is gone from the list of processes once the program runs', async () => {
    const folder = await temporaryFolder();
    const isScript = (command: string) => /^(?:\/usr\/bin\/env )?(?:\/\S+\/)?bash /.test(command);
    const watching = watch(isSecret, isScript);
    // Of a script with these arguments it is seen, so of the program it would be.
    const other = execa('bash', ['-c', 'read -r _ || true', '--uri', backupUrl], { stdin: 'pipe' });
    await expect.poll(watching.leftOut).toBeGreaterThan(0);
    other.stdin.end();
    await other;
    const taken = await script('backup_db.sh', ['--uri', backupUrl, '--database', 'product', '--out', folder]);
    expect(taken.exitCode, taken.stderr).toBe(0);
    expect(watching.stop().seen).toEqual([]);
  });

  it('that is wrong fails the backup without a word of it, and leaves nothing', async () => {
    const folder = await temporaryFolder();
    const MONGODB_URL = backupUrl.replace(encodeURIComponent(server.password), 'wr0ng%20one');
    const refused = await script('backup_db.sh', ['--out', folder, '--database', 'product'], { env: { MONGODB_URL } });
    expect(refused).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(/the server refuses the login/) as string,
    });
    expect(refused.stderr).not.toMatch(/wr0ng/);
    expect(await readdir(folder)).toEqual([]);
  });
});
