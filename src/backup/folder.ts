import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { takeFileLock, type Holder } from '../support/file-lock';
import { reasonOf, SchemaError } from '../support/schema-error';
import { codeOf } from '../support/system-error';

/** Returns `DATABASE_20260131_093000.tar.gz`, in UTC. The name of an encrypted archive also ends in `.gpg`. */
export function archiveName(database: string, at: Date, { encrypted = false, suffix = '' } = {}): string {
  const [date, time] = at.toISOString().replaceAll(/[-:]/g, '').split('T');
  return `${inFileName(database)}_${date ?? ''}_${(time ?? '').slice(0, 6)}${suffix}.tar.gz${encrypted ? '.gpg' : ''}`;
}

/** Returns the time in the name of an archive of this database; undefined for the name of any other file. */
export function takenAt(database: string, name: string): Date | undefined {
  const prefix = `${inFileName(database)}_`;
  if (!name.startsWith(prefix)) return undefined;
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})(\d\d)(\d\d)_(\d\d)(\d\d)(\d\d)\.tar\.gz(?:\.gpg)?$/.exec(name.slice(prefix.length)) ?? [];
  if (second === undefined) return undefined;
  const at = new Date(`${year ?? ''}-${month ?? ''}-${day ?? ''}T${hour ?? ''}:${minute ?? ''}:${second}Z`);
  return Number.isNaN(at.getTime()) ? undefined : at;
}

/** Returns the name of an archive while it is being written. This name begins with a dot, unlike the name of a finished backup. */
export function partialName(name: string): string {
  return `.${name}.partial`;
}

export function isPartial(name: string): boolean {
  return /^\..+_\d{8}_\d{6}(?:\.before-restore)?\.tar\.gz(?:\.gpg)?(?:\.verified\.json)?\.partial$/.test(name);
}

/** Returns the name of an archive's verification note: a file in the same folder, which says that the archive was restored as a test. */
export function verifiedName(name: string): string {
  return `${name}.verified.json`;
}

/**
 * Returns a database's name for use in a file name. Characters with a meaning for a shell or a terminal are percent-encoded, as in `%27`.
 */
function inFileName(database: string): string {
  const encoded = encodeURIComponent(database).replaceAll(/[!'()*~.]/g, percent);
  return encoded.replace(/^-/, percent);
}

function percent(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
}

/** Makes the folder for the backups if it does not exist. Only this user can read the new folder. */
export async function makeFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
}

/**
 * Locks a folder while `work` runs, so that only one backup at a time uses the folder. The lock of a killed process does not block others.
 * @throws error with code `LOCKED` that names the process with the lock
 */
export async function withFolderLock<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const file = path.join(folder, '.backup.lock');
  const taken = await takeFileLock(file, { note: {}, noteShape: z.object({}) });
  if (!('lock' in taken)) throw inUse(file, taken.holder);
  try {
    return await work();
  } finally {
    await taken.lock.release();
  }
}

function inUse(file: string, holder: Holder | undefined): SchemaError {
  if (holder === undefined) {
    return new SchemaError('LOCKED', 'It is unknown whether another backup is running', {
      why: `${file} does not say which process holds this lock`,
      fix: 'if no backup is running, remove this file',
    });
  }
  return new SchemaError('LOCKED', `Another backup is running in ${path.dirname(file)}`, {
    why: `process ${holder.pid} on ${holder.host} holds ${file}`,
    fix: 'wait until that backup has ended, or choose another folder with --out',
  });
}

/** Gives a written file its final name. File and name are on the disk afterwards, even if the power fails. */
export async function publish(partial: string, final: string): Promise<void> {
  await sync(partial);
  await rename(partial, final);
  await sync(path.dirname(final));
}

async function sync(place: string): Promise<void> {
  const handle = await open(place, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Removes the unfinished files of killed runs. Only the holder of the folder's lock may call this. */
export async function removePartials(folder: string): Promise<void> {
  const left = (await readdir(folder)).filter(isPartial);
  await Promise.all(left.map((name) => rm(path.join(folder, name), { force: true })));
}

/** Explains a system error about a file. Returns any other error unchanged. */
export function explainFileError(error: unknown, summary: string): unknown {
  const explained = (why: string, fix: string) => new SchemaError('BACKUP', summary, { why, fix, cause: error });
  switch (codeOf(error)) {
    case 'ENOSPC':
    case 'EDQUOT':
      return explained('the disk is full', 'free some space, or choose another folder with --out');
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return explained('this user may not write there', 'choose another folder with --out');
    case 'ENOTDIR':
    case 'EEXIST':
      return explained(`a file is where a folder should be (${reasonOf(error)})`, 'choose another folder with --out');
    default:
      return error;
  }
}
