import { createHash } from 'node:crypto';
import { closeSync, fstatSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/**
 * Returns what `parse` makes of the content of a file that `writeKept` has written. Undefined if the file does not exist or cannot be read,
 * if it is damaged, if another user owns the file or may write to it, or if `parse` throws.
 */
export function readKept<T>(file: string, parse: (content: Buffer) => T): T | undefined {
  try {
    const all = readOwn(file);
    const end = all.indexOf('\n');
    const content = all.subarray(end + 1);
    return all.toString('latin1', 0, end) === sha256(content) ? parse(content) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Writes a file that only this user may read, with a hash of its content. Writes it under another name first, so that no process reads half
 * of it. Errors are ignored: a caller of `readKept` must be able to do without the file.
 */
export function writeKept(file: string, content: Buffer | string): void {
  const draft = `${file}.${process.pid}`;
  try {
    mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
    const bytes = typeof content === 'string' ? Buffer.from(content) : content;
    writeFileSync(draft, Buffer.concat([Buffer.from(`${sha256(bytes)}\n`), bytes]), { mode: 0o600, flag: 'wx' });
    renameSync(draft, file);
  } catch {
    removeKept(draft);
  }
}

/** Removes the file, if this user may do so. */
export function removeKept(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // The folder cannot be written.
  }
}

/** Returns the content of a file; nothing if another user may have written it. */
function readOwn(file: string): Buffer {
  const open = openSync(file, 'r');
  try {
    const { uid, mode } = fstatSync(open);
    const isForeign = process.getuid !== undefined && (uid !== process.getuid() || (mode & 0o022) !== 0);
    return isForeign ? Buffer.alloc(0) : readFileSync(open);
  } finally {
    closeSync(open);
  }
}

function sha256(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
