import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { checksumOfText, findMigrations, frozenName, loadMigrations } from '../../src/project';
import { hashChanges } from '../../src/schema';

/** Writes frozen.json for these migrations of a folder, which are all of them by default. */
export async function freeze(folder: string, files: readonly string[] = findMigrations(folder)): Promise<void> {
  const entries = loadMigrations(files).map(({ name, file, changes }) => [
    name,
    { text: checksumOfText(file), changes: hashChanges(changes) },
  ]);
  await writeFile(path.join(folder, frozenName), JSON.stringify(Object.fromEntries(entries)));
}
