import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { refuseStopped } from '../deploy';
import { withReads, type Target } from '../database';
import { shown } from '../support/display-path';
import { reasonOf, SchemaError } from '../support/schema-error';
import { checkArchive } from './archive-reader';
import type { WrittenArchive } from './archive-writer';
import {
  archiveName,
  explainFileError,
  makeFolder,
  partialName,
  publish,
  removePartials,
  verifiedName,
  withFolderLock,
} from './folder';
import { dumpInto } from './dump-into';
import type { OnEvent } from './events';
import { prune, writeVerified } from './retention';
import type { ToolsFor } from './tools';
import { verifyBackup } from './verify';
import type { MongoUrl } from '../support/mongo-url';

export interface BackupOptions extends Target, Pick<ToolsFor, 'container' | 'env'> {
  /** The folder where backups are kept. */
  readonly folder: string;
  /** After a successful backup, backups that are older than this many days are removed. By default, none are. */
  readonly retention?: number | undefined;
  /** The gpg recipient to encrypt the backup for. */
  readonly encryptTo?: string | undefined;
  /** If set, the file counts as a backup only after a test restore, on the server at `url` or on an embedded server. */
  readonly verify?: { readonly url?: string | MongoUrl | undefined } | undefined;
  readonly signal?: AbortSignal | undefined;
  /** How long mongodump may make no progress before it is ended, in milliseconds. The default is five minutes. */
  readonly patience?: number | undefined;
  readonly onEvent?: OnEvent | undefined;
}

export interface BackupReport {
  readonly file: string;
  readonly database: string;
  readonly created_at: string;
  /** The size of the file. */
  readonly bytes: number;
  readonly sha256: string;
  readonly collections: number;
  readonly documents: number;
  /** The size of all documents as BSON. */
  readonly uncompressed: number;
  readonly verified: boolean;
  readonly milliseconds: number;
  /** The names of older archives that were removed. */
  readonly removed: readonly string[];
}

/**
 * Takes a backup. The file gets its final name only after all of it is on the disk and has been read back. A failure
 * before that leaves no file with this name, and removes no older backup.
 * @throws error with code `LOCKED` while another backup runs in the folder; BACKUP when it fails
 */
export async function backup(options: BackupOptions): Promise<BackupReport> {
  const { folder } = options;
  try {
    await makeFolder(folder);
    return await withFolderLock(folder, async () => {
      await removePartials(folder);
      const report = await takeBackup(options);
      return { ...report, removed: await pruneIfAsked(options, report.file) };
    });
  } catch (error) {
    throw explainFileError(error, `Cannot write a backup into ${shown(folder)}`);
  }
}

/** Removes old backups. The new backup is complete by now, so a failure here is only a warning. */
async function pruneIfAsked(
  { folder, database, retention, onEvent }: BackupOptions,
  taken: string,
): Promise<readonly string[]> {
  if (retention === undefined) return [];
  const warn = (message: string) => onEvent?.({ type: 'warning', message });
  return prune(folder, database, retention, warn, path.basename(taken)).catch((error: unknown) => {
    warn(`old backups cannot be removed: ${reasonOf(error)}`);
    return [];
  });
}

/**
 * Takes the safety copy before a restore. The name of this copy differs from the names of other backups, so retention never removes the
 * copy.
 */
export async function backupBeforeRestore(options: Omit<BackupOptions, 'retention' | 'verify'>): Promise<BackupReport> {
  try {
    await makeFolder(options.folder);
    return await withFolderLock(options.folder, async () => {
      await removePartials(options.folder);
      return takeBackup(options, '.before-restore');
    });
  } catch (error) {
    throw explainFileError(error, `Cannot write a safety copy into ${shown(options.folder)}`);
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
    const written = await withReads(options, (connection) => dumpInto(connection, dump));
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

/** Finds a file name that is not in use yet: two backups within one second would have the same name. */
async function freeName({ folder, database, encryptTo }: BackupOptions, suffix: string) {
  for (;;) {
    const createdAt = new Date();
    const name = archiveName(database, createdAt, { encrypted: encryptTo !== undefined, suffix });
    const file = path.join(folder, name);
    if (!existsSync(file)) return { file, createdAt };
    await sleep(1000 - createdAt.getMilliseconds());
  }
}

/** Reads the written file from the disk again, down to the last document. */
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
  if (read.bytes === bytes) return;
  throw new SchemaError('BACKUP', 'Cannot read back the written file', {
    why: `the file has ${read.bytes} bytes, but ${bytes} were written`,
    fix: 'check the disk, or choose another folder with --out',
  });
}

function only({ container, env, signal, onEvent }: BackupOptions) {
  return { container, env, signal, onEvent };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
