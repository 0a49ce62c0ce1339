import { MongoServerError, type Db, type Document } from 'mongodb';
import { isUnauthorized } from './server-errors';

/** What a collection holds. */
export interface CollectionSize {
  readonly documents: number;
  /** Of the documents, uncompressed. */
  readonly bytes: number;
}

const namespaceNotFound = 26;

/**
 * What the server knows of a collection's storage; undefined where this user may not know it, or where there is no such collection.
 * Sizes are good to know, and nothing depends on them.
 * @see https://www.mongodb.com/docs/v7.0/reference/operator/aggregation/collStats/
 */
export async function storageStatsOf(db: Db, collection: string, maxTimeMS?: number): Promise<Document | undefined> {
  const options = {
    readConcern: { level: 'local' },
    readPreference: 'primary',
    ...(maxTimeMS !== undefined && { maxTimeMS }),
  } as const;
  const stages = [{ $collStats: { storageStats: {} } }];
  try {
    const [found] = await db.collection(collection).aggregate(stages, options).toArray();
    return found?.['storageStats'] as Document | undefined;
  } catch (error) {
    const isMissing = error instanceof MongoServerError && error.code === namespaceNotFound;
    if (isUnauthorized(error) || isMissing) return undefined;
    throw error;
  }
}

/** How much a collection holds; undefined where that is not known. */
export async function sizeOf(db: Db, collection: string, maxTimeMS?: number): Promise<CollectionSize | undefined> {
  const { count, size } = (await storageStatsOf(db, collection, maxTimeMS)) ?? {};
  const [documents, bytes] = [Number(count), Number(size)];
  return Number.isFinite(documents) && Number.isFinite(bytes) ? { documents, bytes } : undefined;
}
