import { MongoServerError, type Db, type Document } from 'mongodb';
import { isTransient } from './retry';

/** What a collection holds. */
export interface CollectionSize {
  readonly documents: number;
  /** Of the documents, uncompressed. */
  readonly bytes: number;
}

/**
 * What the server knows of a collection's storage; undefined where it does not tell: this user may not know it, or there is no such collection.
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
    if (!(error instanceof MongoServerError) || isTransient(error)) throw error;
    return undefined;
  }
}

/** How much a collection holds; undefined where that is not known. */
export async function sizeOf(db: Db, collection: string, maxTimeMS?: number): Promise<CollectionSize | undefined> {
  const { count, size } = (await storageStatsOf(db, collection, maxTimeMS)) ?? {};
  const [documents, bytes] = [Number(count), Number(size)];
  return Number.isFinite(documents) && Number.isFinite(bytes) ? { documents, bytes } : undefined;
}
