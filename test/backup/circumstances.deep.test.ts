import { readdir } from 'node:fs/promises';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { withFolderLock } from '../../src/backup/folder';
import { useDatabase } from '../support/database';
import { closedGate } from '../support/gate';
import { startProxy } from '../support/proxy';
import { testContainerTools } from './container-tools';
import { testEncrypted } from './encrypted';
import { testNames } from './odd-names';
import { fill, script, temporaryFolder } from './support';

const source = useDatabase();
beforeAll(() => fill(source.db, 3_000));

testNames(source, {
  folders: ['-rf', 'with space', `it's "quoted" $HOME`, 'two\nlines', '--out', '*', '~', 'a;b&c|d', 'ümläut 😀'],
  databases: [`-it's`, 'a,b;c&d', 'ümläut', '(x)~%41', '--drop', '#!@^', '%2e%2e'],
  scripts: true,
});
testContainerTools(source, { elsewhere: [[], ['--uri', 'mongodb://db.example.com']] });
testEncrypted(source, { safetyCopies: true });

describe('SIGTERM', () => {
  it('ends a backup with 1, without a trace', async () => {
    const folder = await temporaryFolder();
    const [dumping, stopped] = [closedGate(), closedGate()];
    const proxy = await startProxy(source.url, async ({ name, collection }) => {
      if (name !== 'getMore' || collection !== 'results') return undefined;
      dumping.open();
      await stopped.opened;
      return undefined;
    });
    onTestFinished(() => {
      stopped.open();
      return proxy.close();
    });
    const args = ['--out', folder, '--database', source.name];
    const running = script('backup_db.sh', args, { env: { MONGODB_URL: proxy.url } });
    await dumping.opened;
    expect(await readdir(folder)).toContainEqual(expect.stringMatching(/\.partial$/));
    running.kill('SIGTERM');
    stopped.open();
    expect(await running).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('was stopped') as string });
    expect(await readdir(folder)).toEqual([]);
  });
});

describe('A backup into a folder that another one writes to', () => {
  it('ends 3, and names the other one', async () => {
    const folder = await temporaryFolder();
    await withFolderLock(folder, async () => {
      const refused = await script('backup_db.sh', ['--out', folder], { env: { MONGODB_DATABASE: source.name } });
      const stderr = expect.stringContaining(`process ${process.pid} on `) as string;
      expect(refused).toMatchObject({ exitCode: 3, stderr });
    });
  });
});
