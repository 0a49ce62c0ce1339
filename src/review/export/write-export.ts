import { lstatSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { shown } from '../../support/display-path';
import { SchemaError } from '../../support/schema-error';
import { codeOf } from '../../support/system-error';
import type { ExportedFile, ExportFormatRule } from './formats';
import { isMarked } from './mark';

/** What an export changes in a folder: the names of the files. */
export interface ExportChanges {
  readonly written: readonly string[];
  readonly unchanged: readonly string[];
  /** Files of an earlier export that are no longer needed, for example of a removed collection. */
  readonly removed: readonly string[];
}

type FormatRule = Pick<ExportFormatRule, 'isNamedLikeOurs'>;

/** @throws error with code `USAGE` for an existing file that no export created */
function compareExport(folder: string, files: readonly ExportedFile[], rule: FormatRule): ExportChanges {
  const there = files.map(({ name }) => ({ name, text: textOf(folder, name) }));
  const foreign = there.filter(({ text }) => text !== undefined && !isMarked(text)).map(({ name }) => name);
  if (foreign.length > 0) {
    throw new SchemaError(
      'USAGE',
      `${foreign.join(', ')} in ${shown(folder)} was not made by an export, so nothing was written`,
      {
        why: 'the first lines of a file of an export say that the file is generated',
        fix: 'choose another folder with --out, or move the file away',
      },
    );
  }
  const isUnchanged = ({ name, text }: ExportedFile) => there.some((one) => one.name === name && one.text === text);
  return {
    written: files.filter((file) => !isUnchanged(file)).map(({ name }) => name),
    unchanged: files.filter(isUnchanged).map(({ name }) => name),
    removed: leftOver(folder, files, rule),
  };
}

/** Returns the files in a folder that an earlier export in the same format created, and that are no longer needed. */
export function leftOver(
  folder: string,
  files: readonly Pick<ExportedFile, 'name'>[],
  { isNamedLikeOurs }: FormatRule,
): string[] {
  const names = new Set(files.map(({ name }) => name));
  const others = namesIn(folder).filter((name) => !names.has(name) && isNamedLikeOurs(name));
  return others.filter((name) => isMarked(textOf(folder, name) ?? ''));
}

/**
 * Writes an export into a folder, and creates the folder if necessary. A program that reads a file at
 * the same time sees the old or the new file, never a part of it.
 * @throws error with code `USAGE`, before anything is written, for an existing file that no export created; and when the folder
 *   is not writable
 */
export function writeExport(folder: string, files: readonly ExportedFile[], rule: FormatRule): ExportChanges {
  const changes = compareExport(folder, files, rule);
  const beside = (name: string) => path.join(folder, `.${name}.${process.pid}.tmp`);
  const toWrite = files.filter(({ name }) => changes.written.includes(name));
  try {
    mkdirSync(folder, { recursive: true });
    for (const { name, text } of toWrite) writeFileSync(beside(name), text);
    for (const { name } of toWrite) renameSync(beside(name), path.join(folder, name));
    for (const name of changes.removed) rmSync(path.join(folder, name));
  } catch (error) {
    throw unwritable(folder, error);
  } finally {
    for (const { name } of toWrite) removeIfThere(beside(name));
  }
  return changes;
}

/** Returns the text of a file; undefined when it does not exist. A folder or a link counts as a file that no export created. */
function textOf(folder: string, name: string): string | undefined {
  const file = path.join(folder, name);
  try {
    return lstatSync(file).isFile() ? readFileSync(file, 'utf8').replaceAll('\r\n', '\n') : '';
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw unwritable(folder, error);
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw unwritable(folder, error);
  }
}

function removeIfThere(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // Ignored, because the original error is more useful.
  }
}

function unwritable(folder: string, error: unknown): SchemaError {
  return new SchemaError('USAGE', `${shown(folder)} is not writable`, {
    why: error instanceof Error ? error.message : String(error),
    fix: 'name a folder with --out that exists or can be created, and that is writable',
    cause: error,
  });
}
