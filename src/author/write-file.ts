import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { findMigrations } from '../project';
import { SchemaError } from '../support/schema-error';

/**
 * Returns the file names of the next migrations, which start with the UTC time in the format of migrate-mongo. Each name sorts after all
 * existing ones, so a second migration within a second gets the time of the next second.
 */
export function nextFileNames(folder: string, names: readonly string[], now = new Date()): string[] {
  let newest = path.basename(findMigrations(folder).at(-1) ?? '').slice(0, 14);
  return names.map((name) => {
    const current = digitsOf(now);
    const digits = current > newest ? current : digitsOf(secondAfter(newest));
    if (digits.length !== 14 || digits <= newest) {
      throw new SchemaError('MIGRATION', `No migration can come after the migration with the time ${newest}`, {
        fix: 'rename the file of that migration: its name must begin with the UTC time at which it was created, as YYYYMMDDHHMMSS',
      });
    }
    newest = digits;
    return `${digits}-${name}.ts`;
  });
}

function digitsOf(time: Date): string {
  return Number.isNaN(time.getTime()) ? '' : time.toISOString().slice(0, 19).replaceAll(/\D/g, '');
}

/** Returns the next second. Invalid digits, such as 61 seconds, are carried over. */
function secondAfter(digits: string): Date {
  const [, year = 0, month = 1, day, hours, minutes, seconds = 0] =
    /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/.exec(digits)?.map(Number) ?? [];
  return new Date(Date.UTC(year, month - 1, day, hours, minutes, seconds + 1));
}

/** A file to write: a new file, or a new text for an existing file. */
export interface WrittenFile {
  readonly file: string;
  readonly text: string;
  readonly isNew: boolean;
}

/**
 * Writes files. A file that must be new never overwrites an existing file.
 * @throws error with code `USAGE`, before anything is written, when a new file exists already.
 */
export function writeFiles(files: readonly WrittenFile[]): void {
  const taken = files.filter(({ file, isNew }) => isNew && existsSync(file)).map(({ file }) => file);
  if (taken.length > 0) {
    throw new SchemaError('USAGE', `${taken.join(', ')} already exists, so nothing was written`, {
      fix: 'choose another name, or remove the file first',
    });
  }
  for (const { file, text, isNew } of files) writeFileSync(file, text, { flag: isNew ? 'wx' : 'w' });
}
