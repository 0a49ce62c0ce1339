import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { acquireData, type Acquired } from '../../src/mongod/data-lock';
import { identify, processSpace } from '../../src/support/processes';
import { temporaryFolder } from './fakes';

const claim = { command: 'schema deploy', shared: false };
/** Above every kernel's highest pid. */
const DEAD = 999_999_999;

async function stateFile(state?: object): Promise<string> {
  const file = join(await temporaryFolder(), '7.0.json');
  if (state !== undefined)
    await writeFile(file, JSON.stringify({ id: 'an earlier run', host: hostname(), space: processSpace(), ...state }));
  return file;
}

/** Another process that lives until the test ends. */
function otherProcess(): { pid: number; started?: string | undefined } {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  onTestFinished(() => void child.kill());
  return identify(child.pid ?? 0);
}

function lockOf(acquired: Acquired) {
  if (!('lock' in acquired)) throw new Error('joined instead of locked');
  return acquired.lock;
}

describe('who may open the embedded data', () => {
  test('the first one may, and the next one once they are released', async () => {
    const file = await stateFile();
    const lock = lockOf(await acquireData(file, claim));
    await expect(acquireData(file, claim)).rejects.toMatchObject({ code: 'DATA_IN_USE' });
    await lock.release();
    await lockOf(await acquireData(file, claim)).release();
  });

  test('while another command has them, the error names its pid, what it runs and the fix', async () => {
    const other = otherProcess();
    const file = await stateFile({
      ...other,
      command: 'schema rollback',
      shared: false,
      url: 'mongodb://127.0.0.1:1/',
    });
    await expect(acquireData(file, claim)).rejects.toMatchObject({
      code: 'DATA_IN_USE',
      summary: 'The data of the embedded server are in use',
      why: [`process ${other.pid} (schema rollback) uses the data, according to ${file}`],
      fix: expect.stringMatching(/^wait until it has ended; .*npm run db/) as string,
    });
  });

  test('a shared server that runs is joined; one that only starts is not', async () => {
    const other = otherProcess();
    const url = 'mongodb://127.0.0.1:27017/?replicaSet=rs0';
    const running = await stateFile({ ...other, command: 'npm run db', shared: true, url });
    expect(await acquireData(running, claim)).toEqual({ url, pid: other.pid });
    const starting = await stateFile({ ...other, command: 'npm run db', shared: true });
    await expect(acquireData(starting, claim)).rejects.toMatchObject({
      fix: 'it is starting: try again in a few seconds',
    });
  });

  test('what a dead process left is ignored, and so is a pid that another program has now', async () => {
    const gone = { command: 'schema deploy', shared: false, mongod: { pid: DEAD } };
    const dead = await stateFile({ pid: DEAD, ...gone });
    await lockOf(await acquireData(dead, claim)).release();
    if (process.platform !== 'linux') return; // elsewhere a pid is all that is known
    const reused = await stateFile({ ...otherProcess(), started: '1', ...gone });
    await lockOf(await acquireData(reused, claim)).release();
  });

  test('of ten that find a stale state at once exactly one gets the data', async () => {
    const file = await stateFile({ pid: DEAD, command: 'x', shared: false, mongod: { pid: DEAD } });
    const results = await Promise.allSettled(Array.from({ length: 10 }, () => acquireData(file, claim)));
    expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1);
    for (const result of results) {
      if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'DATA_IN_USE' });
    }
  });

  test('a state that cannot be read is an error that names the file', async () => {
    const file = await stateFile();
    await writeFile(file, '{');
    await expect(acquireData(file, claim)).rejects.toMatchObject({
      code: 'DATA_IN_USE',
      why: [`${file} does not say which process uses the data`],
      fix: expect.stringContaining('remove this file') as string,
    });
  });
});
