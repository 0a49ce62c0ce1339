import { mkdirSync, readdirSync, rmSync, statfsSync } from 'node:fs';
import { freemem } from 'node:os';
import path from 'node:path';
import { isAlive } from '../../src/support/processes';

/** The file system in memory (tmpfs) of Linux. */
const memory = '/dev/shm';
const prefix = 'schema-tests-';
/** The free memory that is required, in bytes. */
const needed = 8 * 2 ** 30;

/**
 * Moves the temporary folder of this process and its child processes into memory, if there is enough free memory. In the tests,
 * mongod creates thousands of files, and waits for the disk after most of them. The folder is removed when the process exits.
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

/** Removes the folders of runs that were killed. Otherwise they would keep using memory. */
function removeThoseOfTheDead(): void {
  for (const name of readdirSync(memory)) {
    const pid = name.startsWith(prefix) ? Number(name.slice(prefix.length)) : 0;
    if (pid > 0 && !isAlive({ pid })) rmSync(path.join(memory, name), { recursive: true, force: true });
  }
}
