import { randomBytes } from 'node:crypto';
import { execa } from 'execa';
import { ConnectionString } from 'mongodb-connection-string-url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { toolUrl } from '../../src/backup/run-tool';
import { MongoUrl } from '../../src/support/mongo-url';
import { useDatabase } from '../support/database';
import { holds, watch } from './credentials';
import { backupOf, fillResults, script, temporaryFolder } from './support';

const source = useDatabase();

/** For a user of the run's server, which asks nobody for one. */
async function urlWithPassword(password: string): Promise<string> {
  const { db, name } = source;
  await db.command({ createUser: 'operator', pwd: password, roles: [] });
  onTestFinished(async () => {
    await db.command({ dropUser: 'operator' });
  });
  const url = new ConnectionString(source.url);
  [url.username, url.password, url.pathname] = ['operator', encodeURIComponent(password), `/${name}`];
  url.searchParams.set('authSource', name);
  return url.toString();
}

describe('A password', () => {
  it('that is given as an argument is in no list of processes, no output and no file that others can read', async () => {
    const password = `${randomBytes(12).toString('hex')} /@`;
    const url = await urlWithPassword(password);
    await fillResults(source.db, 2_000);
    const isSecret = holds(password);
    const isScript = (command: string) => /^(?:\/usr\/bin\/env )?(?:\/\S+\/)?bash /.test(command);
    const watching = watch(isSecret, isScript);
    // Of a script with these arguments it is seen, so of the program it would be.
    const other = execa('bash', ['-c', 'read -r _ || true', '--uri', url], { stdin: 'pipe' });
    await expect.poll(watching.leftOut).toBeGreaterThan(0);
    other.stdin.end();
    await other;
    const taken = await script('backup_db.sh', ['--uri', url, '--out', await temporaryFolder()]);
    expect(taken.exitCode, taken.stderr).toBe(0);
    const { seen, configs } = watching.stop();
    expect(seen).toEqual([]);
    expect(configs).toBeGreaterThan(0);
    expect(isSecret(taken.stdout + taken.stderr)).toBe(false);
    const wrong = backupOf(source.name, await temporaryFolder(), {
      url: url.replace(encodeURIComponent(password), 'wr0ng%20one'),
    });
    const error: unknown = await wrong.catch((reason: unknown) => reason);
    expect(String(error)).toMatch(/the server refuses the login/);
    expect(String(error)).not.toMatch(/wr0ng/);
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
