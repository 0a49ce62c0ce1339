import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** sha256 (hex) of a file's text; a byte order mark and the kind of line ends do not count. */
export function checksumOfFile(file: string): string {
  const text = readFileSync(file, 'utf8')
    .replace(/^\uFEFF/, '')
    .replaceAll('\r\n', '\n');
  return createHash('sha256').update(text).digest('hex');
}
