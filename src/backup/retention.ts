import { readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { reasonOf } from '../support/schema-error';
import { codeOf } from '../support/system-error';
import { takenAt, verifiedName } from './folder';

const day = 24 * 60 * 60 * 1000;

/** The contents of a verification note: the file that says that an archive was restored as a test. */
const verified = z.object({ sha256: z.string(), bytes: z.number(), verified_at: z.string(), server: z.string() });
export type Verified = z.infer<typeof verified>;

/** Writes a verification note. The note has an effect once `file` is named after an archive, see `verifiedName`. */
export async function writeVerified(file: string, note: Verified): Promise<void> {
  await writeFile(file, `${JSON.stringify(note, null, 2)}\n`, { mode: 0o600, flush: true });
}

/**
 * Removes this database's archives that are older than `days`, by the time in their names. It never removes the newest archive, the newest
 * verified archive, or any other file. When an archive cannot be removed, the function reports that and continues. It removes nothing when
 * the clock may be wrong: that is, when the newest archive before `taken` seems older than `days`, and also older than twice the time
 * between that archive and the one before it.
 * @param taken the name of the archive that was just made
 * @returns the names of the removed archives
 */
export async function prune(
  folder: string,
  database: string,
  days: number,
  onProblem: (problem: string) => void,
  taken?: string,
): Promise<string[]> {
  const now = Date.now();
  const archives = await archivesIn(folder, database);
  const [before, earlier] = archives.filter(({ name }) => name !== taken);
  // With a backup every week that is kept for a week, the previous backup is always this old.
  const usual = before && earlier ? 2 * (before.at - earlier.at) : 0;
  if (before && now - before.at > Math.max(days * day, usual)) {
    const age = Math.floor((now - before.at) / day);
    onProblem(
      `no old backup was removed: the previous backup is ${age} days old, so the clock may be wrong; the next backup removes the old ones`,
    );
    return [];
  }
  const kept = new Set([archives[0]?.name, await newestVerified(folder, archives)]);
  const old = archives.filter(({ name, at }) => now - at > days * day && !kept.has(name));
  const removed: string[] = [];
  for (const { name } of old) {
    try {
      await rm(path.join(folder, name), { force: true });
      removed.push(name);
      await rm(path.join(folder, verifiedName(name)), { force: true });
    } catch (error) {
      onProblem(`an old backup cannot be removed: ${reasonOf(error)}`);
    }
  }
  return removed;
}

/** Returns the times of the newest archive of a database, and of the newest one that was verified and has not changed since. */
export async function newestBackups(folder: string, database: string): Promise<{ taken?: Date; verified?: Date }> {
  const archives = await archivesIn(folder, database).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  });
  const name = await newestVerified(folder, archives);
  const [taken, verifiedOne] = [archives[0], archives.find((archive) => archive.name === name)];
  return { ...(taken && { taken: new Date(taken.at) }), ...(verifiedOne && { verified: new Date(verifiedOne.at) }) };
}

/** Returns the archives of a database, the newest first. */
async function archivesIn(folder: string, database: string): Promise<{ name: string; at: number }[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .flatMap(({ name }) => {
      const at = takenAt(database, name);
      return at ? [{ name, at: at.getTime() }] : [];
    })
    .sort((one, other) => other.at - one.at);
}

async function newestVerified(
  folder: string,
  archives: readonly { readonly name: string }[],
): Promise<string | undefined> {
  for (const { name } of archives) if (await isVerified(path.join(folder, name))) return name;
  return undefined;
}

async function isVerified(archive: string): Promise<boolean> {
  try {
    const note = verified.parse(JSON.parse(await readFile(verifiedName(archive), 'utf8')));
    return note.bytes === (await stat(archive)).size;
  } catch {
    return false;
  }
}
