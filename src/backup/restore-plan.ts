import type { CollectionInfo, Db } from 'mongodb';
import type { Target } from '../database';
import { isRestoreName, ownCollections } from '../schema';
import { SchemaError } from '../support/schema-error';
import type { CheckedArchive } from './archive-reader';
import type { OnEvent } from './events';
import type { ToolsFor } from './tools';

/** The options of a restore. */
export interface RestoreOptions extends Target, Pick<ToolsFor, 'container' | 'env'> {
  readonly file: string;
  /** Whether the person named the database for this restore. Otherwise, the backup must come from a database of the same name. */
  readonly isNamed?: boolean | undefined;
  /** Whether to replace the present collections. */
  readonly drop?: boolean | undefined;
  readonly dryRun?: boolean | undefined;
  /**
   * Whether to take a backup of the present database first. This backup is not needed to recover from a failed restore: the present data
   * are kept until the exchange.
   */
  readonly safetyCopy?: boolean | undefined;
  /** Whether to accept loaded documents that differ from those of the backup. */
  readonly allowDifferences?: boolean | undefined;
  /** Whether to check first that the server has enough free space. The default is true. */
  readonly spaceCheck?: boolean | undefined;
  /** The maximum unpacked size of the backup, in bytes. The default is the maximum that its file can unpack to. */
  readonly maxSize?: number | undefined;
  /** The folder for the safety copy. The default is the folder of the backup. */
  readonly folder?: string | undefined;
  /** The gpg recipient to encrypt the safety copy for. */
  readonly encryptTo?: string | undefined;
  /** Allows an unencrypted safety copy when the backup is encrypted. */
  readonly plainSafetyCopy?: boolean | undefined;
  /** Asks the person whether to go on. Called before anything is removed. */
  readonly confirm: (plan: RestorePlan) => Promise<boolean>;
  /** How long to wait while another run holds the lease, in milliseconds. The default is 60,000. */
  readonly lockTimeout?: number | undefined;
  /** How long the lease is valid without renewal, in seconds: from 10 to 30. The default is 30. */
  readonly leaseSeconds?: number | undefined;
  /** How long mongorestore may make no progress before it is ended, in milliseconds. The default is five minutes. */
  readonly patience?: number | undefined;
  /** The folder of the migrations. The default is the folder in this repository. */
  readonly migrations?: string | undefined;
  /** The commit that the history records. The default is the commit that is checked out in the folder of the migrations. */
  readonly commit?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Ends the restore immediately, even if commands are running. */
  readonly abandon?: AbortSignal | undefined;
  readonly onEvent?: OnEvent | undefined;
}

/** What a restore would do. */
export interface RestorePlan {
  readonly file: string;
  /** The database that was backed up, and when. */
  readonly backup: { readonly database: string; readonly created_at: string; readonly documents: number };
  /** The database to restore into. */
  readonly database: string;
  /** The present collections that are replaced; empty when the database is empty. */
  readonly replaced: readonly CollectionCount[];
  /** The present collections that the backup lacks. */
  readonly removed: readonly CollectionCount[];
  /** The collections in the backup. */
  readonly restored: readonly CollectionCount[];
}

export interface CollectionCount {
  readonly name: string;
  readonly documents: number;
}

/** Collections that a restore never replaces: events are never removed, and the lease belongs to this server. */
export const kept: readonly string[] = [ownCollections.history, ownCollections.lock];

export async function planRestore(db: Db, { file, manifest }: CheckedArchive): Promise<RestorePlan> {
  const here = await collectionsOf(db);
  const counts = await Promise.all(
    here.map(async ({ name, type }) => {
      return { name, documents: type === 'collection' ? await db.collection(name).estimatedDocumentCount() : 0 };
    }),
  );
  const names = new Set(manifest.collections.map(({ name }) => name));
  const { database, created_at } = manifest;
  return {
    file,
    backup: {
      database,
      created_at,
      documents: manifest.collections.reduce((sum, { documents }) => sum + documents, 0),
    },
    database: db.databaseName,
    replaced: counts.filter(({ name }) => names.has(name)),
    removed: counts.filter(({ name }) => !names.has(name)),
    restored: manifest.collections
      .filter(({ name }) => !kept.includes(name))
      .map(({ name, documents }) => ({ name, documents })),
  };
}

/** Returns whether there is nothing to remove or replace. */
export function isEmpty({ replaced, removed }: RestorePlan): boolean {
  return replaced.length + removed.length === 0;
}

/** @throws error with code `BACKUP` that lists the present collections, unless they may be dropped */
export function refuseNonEmpty(plan: RestorePlan, { drop }: { drop?: boolean | undefined }): void {
  if (isEmpty(plan) || drop) return;
  const names = [...plan.replaced, ...plan.removed].map(({ name }) => name).join(', ');
  throw new SchemaError('BACKUP', `Cannot restore into the database ${JSON.stringify(plan.database)}`, {
    why: `it is not empty (${names})`,
    fix: 'replace its collections with --drop; or name another database with --database',
  });
}

async function collectionsOf(db: Db): Promise<CollectionInfo[]> {
  const found = await db.listCollections<CollectionInfo>({}, { nameOnly: false, readPreference: 'primary' }).toArray();
  return found.filter(({ name }) => !name.startsWith('system.') && !kept.includes(name) && !isRestoreName(name));
}
