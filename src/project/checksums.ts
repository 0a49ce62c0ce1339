import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { SchemaError } from '../support/schema-error';

/** The name of the file, in the folder of the migrations, that stores the checksums of frozen migrations. */
export const frozenName = 'frozen.json';

/**
 * The identity of a frozen migration, which `npm run snapshot` records: the sha256 (hex) of its text, and the sha256 of its own changes.
 */
export interface FrozenEntry {
  readonly text: string;
  readonly changes: string;
}
export type Frozen = Readonly<Record<string, FrozenEntry>>;

/** Returns the sha256 (hex) of a file's text. A byte order mark and the kind of line ends are ignored. */
export function checksumOfText(file: string): string {
  const text = readFileSync(file, 'utf8')
    .replace(/^\uFEFF/, '')
    .replaceAll('\r\n', '\n');
  return createHash('sha256').update(text).digest('hex');
}

/**
 * Returns the checksum that the history uses: the checksum of the source. For compiled code, the checksum of the source comes from the
 * frozen migrations.
 * @param frozen returns the frozen migrations of the file's folder. The default reads frozen.json at each call. For many files, pass a
 * function that reads it only once.
 * @throws error when a file is compiled code, and its folder has no frozen checksum for it.
 */
export function checksumOf(file: string, frozen: () => Frozen = () => readFrozen(path.dirname(file))): string {
  if (!file.endsWith('.js')) return checksumOfText(file);
  const name = path.basename(file).replace(/\.js$/, '.ts');
  const entry = frozen()[name];
  if (entry) return entry.text;
  throw new SchemaError('SNAPSHOT', `${frozenName} has no entry for ${name}`, {
    fix: 'run `npm run snapshot`, and build again',
  });
}

/** Returns the frozen migrations of a folder; an empty record when nothing is frozen yet. */
export function readFrozen(folder: string): Frozen {
  try {
    return JSON.parse(readFileSync(path.join(folder, frozenName), 'utf8')) as Frozen;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
}
