import type { CollectionInfo, Db } from 'mongodb';
import type { Target } from '../database';
import { isRestoreName, ownCollections } from '../schema';
import { SchemaError } from '../support/schema-error';
import type { CheckedArchive } from './archive-reader';
import type { OnEvent } from './events';
import type { ToolsFor } from './tools';

/** What a restore can be told. */
export interface RestoreOptions extends Target, Pick<ToolsFor, 'container' | 'env'> {
  readonly file: string;
  /** Whether the target was named for this restore: else it must be the database that was backed up. */
  readonly isNamed?: boolean | undefined;
  /** Replaces what is there. */
  readonly drop?: boolean | undefined;
  readonly dryRun?: boolean | undefined;
  /** Takes a backup of what is there first. A restore that fails needs none: what was there stays until all is in place. */
  readonly safetyCopy?: boolean | undefined;
  /** Accepts documents that differ from those of the backup once they are loaded. */
  readonly allowDifferences?: boolean | undefined;
  /** Whether to look first if the server has the room. It does unless this is false. */
  readonly spaceCheck?: boolean | undefined;
  /** The most that a backup may unpack to, in bytes; what its file can hold unless given. */
  readonly maxSize?: number | undefined;
  /** Where the safety copy goes; beside the file unless given. */
  readonly folder?: string | undefined;
  /** A recipient that gpg knows, for the safety copy. */
  readonly encryptTo?: string | undefined;
  /** The safety copy may be readable although the file is encrypted. */
  readonly plainSafetyCopy?: boolean | undefined;
  /** Asked before anything is removed. */
  readonly confirm: (plan: RestorePlan) => Promise<boolean>;
  /** How long to wait for the lease of another run, in milliseconds. A minute unless given. */
  readonly lockTimeout?: number | undefined;
  /** 10 to 30. 30 unless given. */
  readonly leaseSeconds?: number | undefined;
  /** How long mongorestore may get nothing done before it is ended, in milliseconds. Five minutes unless given. */
  readonly patience?: number | undefined;
  /** The folder of the migrations; this repository's own unless given. */
  readonly migrations?: string | undefined;
  /** The commit that the history names; what is checked out in the folder of the migrations unless given. */
  readonly commit?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Ends the restore at once, whatever is on its way. */
  readonly abandon?: AbortSignal | undefined;
  readonly onEvent?: OnEvent | undefined;
}

/** What a restore would do. */
export interface RestorePlan {
  readonly file: string;
  /** That was backed up, and when. */
  readonly backup: { readonly database: string; readonly created_at: string; readonly documents: number };
  /** Where it goes. */
  readonly database: string;
  /** What is there now; none of it when the database is empty. */
  readonly replaced: readonly CollectionCount[];
  /** There now, and not in the backup. */
  readonly removed: readonly CollectionCount[];
  /** In the backup. */
  readonly restored: readonly CollectionCount[];
}

export interface CollectionCount {
  readonly name: string;
  readonly documents: number;
}

/** They outlive a restore: events are never removed, and the lease is of this server. */
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

/** Whether there is nothing that a restore would have to remove or replace. */
export function isEmpty({ replaced, removed }: RestorePlan): boolean {
  return replaced.length + removed.length === 0;
}

/** @throws error with code `BACKUP` that names what is there, unless it may be dropped */
export function refuseNonEmpty(plan: RestorePlan, { drop }: { drop?: boolean | undefined }): void {
  if (isEmpty(plan) || drop) return;
  const names = [...plan.replaced, ...plan.removed].map(({ name }) => name).join(', ');
  throw new SchemaError('BACKUP', `Cannot restore into the database ${JSON.stringify(plan.database)}`, {
    why: `it is not empty (${names})`,
    fix: 'replace what is there with --drop; or name another database with --database',
  });
}

async function collectionsOf(db: Db): Promise<CollectionInfo[]> {
  const found = await db.listCollections<CollectionInfo>({}, { nameOnly: false, readPreference: 'primary' }).toArray();
  return found.filter(({ name }) => !name.startsWith('system.') && !kept.includes(name) && !isRestoreName(name));
}
