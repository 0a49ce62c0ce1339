import { mkdirSync, readdirSync, rmSync, statfsSync } from 'node:fs';
import { freemem } from 'node:os';
import path from 'node:path';
import { isAlive } from '../../src/support/processes';

/** Where Linux keeps files in memory. */
const memory = '/dev/shm';
const prefix = 'schema-tests-';
const needed = 8 * 2 ** 30;

/**
 * Makes the temporary folder of this process, and of those that it starts, one that is kept in memory, where there is room for it.
 * mongod makes thousands of files for the tests and waits for the disk after most of them. The folder goes with the process.
 */
export function keepTemporaryFilesInMemory(): void {
  if (!hasRoom()) return;
  removeThoseOfTheDead();
  const folder = path.join(memory, `${prefix}${process.pid}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  process.env['TMPDIR'] = folder;
  process.on('exit', () => {
    rmSync(folder, { recursive: true, force: true });
  });
}

function hasRoom(): boolean {
  if (process.platform !== 'linux' || freemem() < needed) return false;
  try {
    const { bavail, bsize } = statfsSync(memory);
    return bavail * bsize >= needed;
  } catch {
    return false;
  }
}

/** A run that was killed leaves its folder, and the memory would stay taken. */
function removeThoseOfTheDead(): void {
  for (const name of readdirSync(memory)) {
    const pid = name.startsWith(prefix) ? Number(name.slice(prefix.length)) : 0;
    if (pid > 0 && !isAlive({ pid })) rmSync(path.join(memory, name), { recursive: true, force: true });
  }
}
