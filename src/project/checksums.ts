import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { SchemaError } from '../support/schema-error';

/** The file, beside the migrations, that pins each of them. */
export const frozenName = 'frozen.json';

/** What a migration is, once and for all: sha256 (hex) of its text, and of its own changes. */
export interface FrozenEntry {
  readonly text: string;
  readonly changes: string;
}
export type Frozen = Readonly<Record<string, FrozenEntry>>;

/** sha256 (hex) of a file's text; a byte order mark and the kind of line ends do not count. */
export function checksumOfText(file: string): string {
  const text = readFileSync(file, 'utf8')
    .replace(/^\uFEFF/, '')
    .replaceAll('\r\n', '\n');
  return createHash('sha256').update(text).digest('hex');
}

/**
 * The checksum that history knows a migration by: of its source. For compiled code that is the frozen one.
 * @throws error when compiled code has no frozen checksum beside it.
 */
export function checksumOf(file: string): string {
  if (!file.endsWith('.js')) return checksumOfText(file);
  const name = path.basename(file).replace(/\.js$/, '.ts');
  const entry = readFrozen(path.dirname(file))[name];
  if (entry) return entry.text;
  throw new SchemaError('SNAPSHOT', `${frozenName} does not know ${name}`, {
    fix: 'run `npm run snapshot`, and build again',
  });
}

/** The frozen migrations of a folder; none when nothing is frozen yet. */
export function readFrozen(folder: string): Frozen {
  try {
    return JSON.parse(readFileSync(path.join(folder, frozenName), 'utf8')) as Frozen;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
}
