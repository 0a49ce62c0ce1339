import { readdirSync, readFileSync, statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startWithUsers, type ServerWithUsers } from '../support/server-with-users';
import { toolUrl } from '../../src/backup/run-tool';
import { fillResults, script, temporaryFolder } from './support';
import { MongoUrl } from '../../src/support/mongo-url';

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

const isSecret = (text: string) =>
  [server.password, encodeURIComponent(server.password)].some((secret) => text.includes(secret));

/** Looks, as often as it can, at what every user of this machine can see, until it is told to stop. */
function watch(isLeftOut: (command: string) => boolean = () => false) {
  const seen = new Set<string>();
  let configs = 0;
  let leftOut = 0;
  const timer = setInterval(() => {
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
      const command = readIfThere(`/proc/${pid}/cmdline`).replaceAll('\0', ' ');
      if (!isSecret(command)) continue;
      if (isLeftOut(command)) leftOut += 1;
      else seen.add(`process: ${command}`);
    }
    for (const folder of readdirSync(tmpdir()).filter((name) => name.startsWith('schema-tool-'))) {
      const file = path.join(tmpdir(), folder, 'config.yaml');
      if (!isSecret(readIfThere(file))) continue;
      configs += 1;
      const modes = [file, path.dirname(file)].map(modeIfThere);
      if (modes.some((mode) => mode !== undefined && (mode & 0o077) !== 0)) seen.add(`file: ${file}`);
    }
  }, 1);
  return {
    stop: () => {
      clearInterval(timer);
      return { seen: [...seen], configs, leftOut };
    },
  };
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return '';
  }
}

function modeIfThere(file: string): number | undefined {
  return statSync(file, { throwIfNoEntry: false })?.mode;
}

describe('A password', () => {
  it('is in no list of processes, no output and no file that others can read, while a backup is taken and restored', async () => {
    const folder = await temporaryFolder();
    const env = { MONGODB_URL: backupUrl, MONGODB_DATABASE: 'product' };
    const watching = watch();
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
    const watching = watch(isScript);
    const taken = await script('backup_db.sh', ['--uri', backupUrl, '--database', 'product', '--out', folder]);
    expect(taken.exitCode, taken.stderr).toBe(0);
    const { seen, leftOut } = watching.stop();
    expect(seen).toEqual([]);
    // The script itself was seen with it, so the program would have been.
    expect(leftOut).toBeGreaterThan(0);
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

describe('The connection string of the tools', () => {
  const seenByTools = (url: string) => toolUrl(new MongoUrl(url));

  it('names where the user is kept when the database in it did, and no database', () => {
    expect(seenByTools('mongodb://u:p@h/shop?w=1')).toBe(
      'mongodb://u:p@h/?authSource=shop&serverSelectionTimeoutMS=10000',
    );
    expect(seenByTools('mongodb+srv://u:p@h/shop?authSource=admin&serverSelectionTimeoutMS=5')).toBe(
      'mongodb+srv://u:p@h/?authSource=admin&serverSelectionTimeoutMS=5',
    );
    expect(seenByTools('mongodb://u:p@h')).toContain('authSource=admin');
    expect(seenByTools('mongodb://u:p@h/?authMechanism=PLAIN')).not.toContain('authSource');
    expect(seenByTools('mongodb://h1,h2/shop')).toBe('mongodb://h1,h2/?serverSelectionTimeoutMS=10000');
  });
});
