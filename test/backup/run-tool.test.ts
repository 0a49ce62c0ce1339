import { chmod, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { expect, it, onTestFinished } from 'vitest';
import { startTool } from '../../src/backup/run-tool';
import { MongoUrl } from '../../src/support/mongo-url';
import { projectFolder } from '../support/project-folder';
import { typeScript } from '../support/type-script';
import { temporaryFolder } from './support';

/** A tool that waits for a reply that never comes: it reads nothing, and writes nothing. */
async function hangingTool(): Promise<{ folder: string; pid: () => Promise<number> }> {
  const folder = await temporaryFolder('tools-');
  const script = `#!/bin/sh\necho $$ >'${folder}/pid'\nexec sleep 600\n`;
  await writeFile(path.join(folder, 'mongodump'), script);
  await chmod(path.join(folder, 'mongodump'), 0o755);
  const pid = async () => Number(await readFile(path.join(folder, 'pid'), 'utf8').catch(() => '0'));
  return { folder, pid };
}

const isThere = (pid: number) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

it('A tool that hangs ends with the process that started it, even when that is killed', async () => {
  const { folder, pid } = await hangingTool();
  const program = `
    const { startTool } = require('./src/backup/run-tool');
    const { MongoUrl } = require('./src/support/mongo-url');
    startTool({ folder: process.argv[1] }, 'mongodump', new MongoUrl('mongodb://127.0.0.1:1'), []);`;
  const parent = execa(process.execPath, [...typeScript, '-e', program, folder], { cwd: projectFolder, reject: false });
  onTestFinished(() => {
    parent.kill('SIGKILL');
  });
  await expect.poll(pid, { timeout: 20_000 }).toBeGreaterThan(0);
  const tool = await pid();
  expect(isThere(tool)).toBe(true);
  parent.kill('SIGKILL');
  await expect.poll(() => isThere(tool), { timeout: 10_000 }).toBe(false);
});

it('A tool that is ended leaves nothing of it behind', async () => {
  const { folder, pid } = await hangingTool();
  const running = await startTool({ folder }, 'mongodump', new MongoUrl('mongodb://127.0.0.1:1'), []);
  await expect.poll(pid, { timeout: 20_000 }).toBeGreaterThan(0);
  const tool = await pid();
  running.kill();
  await expect(running.ended).rejects.toMatchObject({ code: 'BACKUP' });
  await expect.poll(() => isThere(tool), { timeout: 10_000 }).toBe(false);
});
