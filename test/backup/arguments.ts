import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ConnectionString } from 'mongodb-connection-string-url';
import { describe, expect, it } from 'vitest';
import type { TestDatabase } from '../support/database';
import { script, temporaryFolder } from './support';

/** A script, its arguments, and what it says of them. */
type Mistake = readonly [name: string, args: readonly string[], message: string];

/** What the scripts find out themselves. */
export const mistakesOfServer: readonly Mistake[] = [
  ['backup_db.sh', ['--uri'], '--uri needs a value'],
  ['backup_db.sh', ['--uri', ''], '--uri needs a value'],
  ['restore_db.sh', ['x.tar.gz', '--uri=', '--drop', '--yes'], '--uri needs a value'],
  ['restore_db.sh', ['x.tar.gz', '--host', '', '--drop', '--yes'], '--host needs a value'],
  ['restore_db.sh', ['x.tar.gz', '--host=', '--drop', '--yes'], '--host needs a value'],
  ['verify_backup.sh', ['--host', 'h', '--port', ''], '--port needs a value'],
  ['verify_backup.sh', ['--host', 'h', '--port='], '--port needs a value'],
  ['backup_db.sh', ['--uri', 'mongodb://h', '--host', 'h'], 'omit --host and --port'],
  ['backup_db.sh', ['--host', 'a/b@c'], '--host is not a host name'],
  ['backup_db.sh', ['--port', 'http'], '--port is not a number'],
];

/** What the program finds out that they start, which takes a second each. */
export const mistakesOfProgram: readonly Mistake[] = [
  ['backup_db.sh', ['--retention', '0'], 'a whole number of at least 1'],
  ['restore_db.sh', [], 'The backup file is missing'],
  ['backup_db.sh', ['--database', 'a/b'], '--database has a character that is not allowed in a database name'],
  ['restore_db.sh', ['nothing.tar.gz'], 'there is no such file'],
  ['verify_backup.sh', ['--uri=nonsense', 'x.tar.gz'], 'MONGODB_VERIFY_URL is not a connection string'],
];

/** To be called in a file. */
export function testMistakes(mistakes: readonly Mistake[]): void {
  describe('The scripts say what is wrong with their arguments, and end 64', () => {
    it.each(mistakes)('%s %j: %s', async (name, args, message) => {
      const { exitCode, stderr } = await script(name, args);
      expect({ exitCode, stderr }).toEqual({ exitCode: 64, stderr: expect.stringContaining(message) as string });
    });
  });
}

/** What the environment says of another server. */
export const ofAnother = { MONGODB_PASSWORD_FILE: '/nowhere', MONGODB_DATABASE: 'of_another' };

/** To be called in a file; `source` is backed up in each of the environments. */
export function testNamedServer(source: TestDatabase, environments: readonly Readonly<Record<string, string>>[]): void {
  describe('The scripts take the server that is named', () => {
    it.each(environments)('without what the environment or .env say of another one: %j', async (env) => {
      const folder = await temporaryFolder();
      await writeFile(path.join(folder, '.env'), 'MONGODB_PASSWORD_FILE=/nowhere\nMONGODB_DATABASE=of_another\n');
      const uri = new ConnectionString(source.url);
      uri.pathname = `/${source.name}`;
      const taken = await script('backup_db.sh', ['--uri', uri.toString(), '--json'], { cwd: folder, env });
      expect(taken.exitCode, taken.stderr).toBe(0);
      expect(JSON.parse(taken.stdout)).toMatchObject({ database: source.name });
    });
  });
}
