import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { refuseStopped, withConnection, type Target } from '../../deploy';
import { messageOf } from '../../server';
import { shown } from '../../shown';
import { checkArchive } from './archive-reader';
import type { WrittenArchive } from './archive-writer';
import { publish, removePartials } from './disk';
import { dumpInto } from './dump-into';
import { backupError, explainFileError } from './errors';
import type { OnEvent } from './events';
import { makeFolder, withFolderLock } from './lock';
import { archiveName, partialName, verifiedName } from './names';
import { prune, writeVerified } from './retention';
import { verifyBackup } from './verify';

export interface BackupOptions extends Target {
  /** Where backups are kept. */
  readonly folder: string;
  /** Older ones are removed after a success; none unless given. Days. */
  readonly retention?: number | undefined;
  /** A recipient that gpg knows. */
  readonly encryptTo?: string | undefined;
  /** Restores it for a trial before it counts: on this server, or on an embedded one. */
  readonly verify?: { readonly url?: string | undefined } | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onEvent?: OnEvent | undefined;
}

export interface BackupReport {
  readonly file: string;
  readonly database: string;
  readonly created_at: string;
  /** Of the file. */
  readonly bytes: number;
  readonly sha256: string;
  readonly collections: number;
  readonly documents: number;
  /** Of all documents as BSON. */
  readonly uncompressed: number;
  readonly verified: boolean;
  readonly milliseconds: number;
  /** Names of older archives that were removed. */
  readonly removed: readonly string[];
}

/**
 * Takes a backup. A file with a backup's name appears once all of it is on the disk and has been read back; whatever fails
 * before that leaves no such file, and removes no older one.
 * @throws Error with code `LOCKED` while another one runs in the folder.
 */
export async function backup(options: BackupOptions): Promise<BackupReport> {
  const { folder } = options;
  try {
    await makeFolder(folder);
    return await withFolderLock(folder, async () => {
      await removePartials(folder);
      const report = await takeBackup(options);
      return { ...report, removed: await pruneIfAsked(options) };
    });
  } catch (error) {
    throw explainFileError(error, `write a backup into ${shown(folder)}`);
  }
}

/** The backup is there by now: what stays of older ones is no failure of it. */
async function pruneIfAsked({ folder, database, retention, onEvent }: BackupOptions): Promise<readonly string[]> {
  if (retention === undefined) return [];
  const warn = (message: string) => onEvent?.({ type: 'warning', message });
  return prune(folder, database, retention, warn).catch((error: unknown) => {
    warn(`old backups cannot be removed: ${messageOf(error)}`);
    return [];
  });
}

/** The safety copy before a restore: no retention ever removes it, since its name is another one. */
export async function backupBeforeRestore(options: Omit<BackupOptions, 'retention' | 'verify'>): Promise<BackupReport> {
  try {
    await makeFolder(options.folder);
    return await withFolderLock(options.folder, async () => {
      await removePartials(options.folder);
      return takeBackup(options, '.before-restore');
    });
  } catch (error) {
    throw explainFileError(error, `write a safety copy into ${shown(options.folder)}`);
  }
}

async function takeBackup(options: BackupOptions, suffix = ''): Promise<BackupReport> {
  const started = performance.now();
  const { file, createdAt } = await freeName(options, suffix);
  const [partial, note] = [file, verifiedName(file)].map((final) =>
    path.join(options.folder, partialName(path.basename(final))),
  ) as [string, string];
  try {
    const dump = { ...options, partial, createdAt, refusesUnfinished: suffix === '' };
    const written = await withConnection(options, (connection) => dumpInto(connection, dump));
    if (options.encryptTo === undefined) await readBack(partial, written, options);
    const verified = options.verify && (await verifyBackup({ ...options.verify, ...only(options), file: partial }));
    if (verified) {
      const { sha256, bytes } = written;
      await writeVerified(note, { sha256, bytes, verified_at: new Date().toISOString(), server: verified.server });
    }
    try {
      await publish(partial, file);
      if (verified) await publish(note, verifiedName(file));
    } catch (error) {
      await rm(file, { force: true });
      throw error;
    }
    const { collections } = written.manifest;
    return {
      file,
      database: options.database,
      created_at: createdAt.toISOString(),
      bytes: written.bytes,
      sha256: written.sha256,
      collections: collections.length,
      documents: sum(collections.map(({ documents }) => documents)),
      uncompressed: sum(collections.map(({ bytes }) => bytes)),
      verified: verified !== undefined,
      milliseconds: performance.now() - started,
      removed: [],
    };
  } finally {
    await rm(partial, { force: true });
    await rm(note, { force: true });
  }
}

/** Two backups of one second would have one name. */
async function freeName({ folder, database, encryptTo }: BackupOptions, suffix: string) {
  for (;;) {
    const createdAt = new Date();
    const name = archiveName(database, createdAt, { encrypted: encryptTo !== undefined, suffix });
    const file = path.join(folder, name);
    if (!existsSync(file)) return { file, createdAt };
    await sleep(1000 - createdAt.getMilliseconds());
  }
}

/** What was written is read from the disk again, down to the last document. */
async function readBack(
  partial: string,
  { manifest, bytes }: WrittenArchive,
  { onEvent, signal }: BackupOptions,
): Promise<void> {
  const total = sum(manifest.collections.map(({ documents }) => documents));
  const read = await checkArchive(partial, {
    onDocuments: (done) => {
      onEvent?.({ type: 'progress', what: 'reading back', done, total });
      refuseStopped(signal);
    },
  });
  if (read.bytes !== bytes) throw backupError('FAILED', `The file has ${read.bytes} bytes, and ${bytes} were written.`);
}

function only({ signal, onEvent }: BackupOptions) {
  return { signal, onEvent };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
