import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { findMigrations } from '../project';
import { SchemaError } from '../support/schema-error';

/**
 * The names of the files of the next migrations: as migrate-mongo gives them, by the time in UTC. Each comes after every other one
 * that is there, so a second migration within a second gets the next second.
 */
export function nextFileNames(folder: string, names: readonly string[], now = new Date()): string[] {
  let newest = path.basename(findMigrations(folder).at(-1) ?? '').slice(0, 14);
  return names.map((name) => {
    const current = digitsOf(now);
    const digits = current > newest ? current : digitsOf(secondAfter(newest));
    if (digits.length !== 14 || digits <= newest) {
      throw new SchemaError('MIGRATION', `No migration can come after one of the time ${newest}`, {
        fix: 'give that one a name with the time at which it was made (UTC): YYYYMMDDHHMMSS',
      });
    }
    newest = digits;
    return `${digits}-${name}.ts`;
  });
}

function digitsOf(time: Date): string {
  return Number.isNaN(time.getTime()) ? '' : time.toISOString().slice(0, 19).replaceAll(/\D/g, '');
}

/** Of digits that are no time, such as 61 seconds, the time that they would be. */
function secondAfter(digits: string): Date {
  const [, year = 0, month = 1, day, hours, minutes, seconds = 0] =
    /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/.exec(digits)?.map(Number) ?? [];
  return new Date(Date.UTC(year, month - 1, day, hours, minutes, seconds + 1));
}

/** A file to write: one that is not there yet, or one that takes the place of what was read. */
export interface WrittenFile {
  readonly file: string;
  readonly text: string;
  readonly isNew: boolean;
}

/**
 * Writes files, and never over one that is new.
 * @throws error with code `USAGE` before anything is written, when one that is to be new is there.
 */
export function writeFiles(files: readonly WrittenFile[]): void {
  const taken = files.filter(({ file, isNew }) => isNew && existsSync(file)).map(({ file }) => file);
  if (taken.length > 0) {
    throw new SchemaError('USAGE', `${taken.join(', ')} is there already, so nothing was written`, {
      fix: 'choose another name, or remove the file first',
    });
  }
  for (const { file, text, isNew } of files) writeFileSync(file, text, { flag: isNew ? 'wx' : 'w' });
}
