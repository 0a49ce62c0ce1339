import type { CollectionInfo, Db } from 'mongodb';
import { ownCollections } from '../../schema';
import type { CheckedArchive } from './archive-reader';
import { backupError } from './errors';

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

/** Whether something is there that a restore would have to remove. */
export function isEmpty({ replaced, removed }: RestorePlan): boolean {
  return replaced.length + removed.length === 0;
}

/** @throws Error that names what is there, unless it may be dropped. */
export function refuseNonEmpty(plan: RestorePlan, { drop }: { drop?: boolean | undefined }): void {
  if (isEmpty(plan) || drop) return;
  const names = [...plan.replaced, ...plan.removed].map(({ name }) => name).join(', ');
  throw backupError(
    'FAILED',
    `The database ${JSON.stringify(plan.database)} is not empty (${names}). --drop replaces what is there, after a safety copy.`,
  );
}

/** Drops everything that a restore does not keep: views first, since they stand on collections. */
export async function dropAll(db: Db, guard: () => Promise<void>): Promise<void> {
  const here = await collectionsOf(db);
  const views = here.filter(({ type }) => type === 'view');
  for (const { name } of [...views, ...here.filter((one) => !views.includes(one))]) {
    await guard();
    await db.dropCollection(name);
  }
}

async function collectionsOf(db: Db): Promise<CollectionInfo[]> {
  const found = await db.listCollections<CollectionInfo>({}, { nameOnly: false, readPreference: 'primary' }).toArray();
  return found.filter(({ name }) => !name.startsWith('system.') && !kept.includes(name));
}
