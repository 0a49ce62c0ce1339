import { readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { takenAt, verifiedName } from './names';

const day = 24 * 60 * 60 * 1000;

/** What stands beside an archive that was restored for a trial. */
const verified = z.object({ sha256: z.string(), bytes: z.number(), verified_at: z.string(), server: z.string() });
export type Verified = z.infer<typeof verified>;

export async function writeVerified(archive: string, note: Verified): Promise<void> {
  await writeFile(verifiedName(archive), `${JSON.stringify(note, null, 2)}\n`, { mode: 0o600, flush: true });
}

/**
 * Removes this database's archives that are older than so many days, by the time in their names. Never the newest one, the
 * newest one that was verified, or any other file.
 * @returns the names of what was removed.
 */
export async function prune(folder: string, database: string, days: number, now = new Date()): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const archives = entries
    .filter((entry) => entry.isFile())
    .flatMap(({ name }) => {
      const at = takenAt(database, name);
      return at ? [{ name, at: at.getTime() }] : [];
    })
    .sort((one, other) => other.at - one.at);
  const kept = new Set([archives[0]?.name, await newestVerified(folder, archives)]);
  const old = archives.filter(({ name, at }) => now.getTime() - at > days * day && !kept.has(name));
  for (const { name } of old) {
    await rm(path.join(folder, name), { force: true });
    await rm(path.join(folder, verifiedName(name)), { force: true });
  }
  return old.map(({ name }) => name);
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
