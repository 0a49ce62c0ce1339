import { MongoServerError, type AggregateOptions, type Db, type Document } from 'mongodb';
import { isTransient } from './retry';

/** The sizes of a collection, in bytes, and its number of documents. */
export interface Sizes {
  /**
   * The server's own count, which can be wrong after a crash. Absent for a time series, because there the server counts buckets instead of
   * documents.
   */
  readonly documents?: number;
  /** The uncompressed size of the documents. */
  readonly data: number;
  /** The size of the documents on disk. */
  readonly storage: number;
  /** The size of all indexes on disk. */
  readonly indexes: number;
  /** The size of each index on disk, by its name. */
  readonly ofIndexes: Readonly<Record<string, number>>;
}

/** Reads the sizes of a collection. Returns undefined if the collection does not exist. Needs the privilege `collStats`, which the role `read` has. */
export async function readSizes(
  db: Db,
  collection: string,
  options: AggregateOptions = {},
): Promise<Sizes | undefined> {
  // Without the projection, the server would send about 20 KB for each index.
  const wanted = ['count', 'size', 'storageSize', 'totalIndexSize', 'indexSizes', 'timeseries.bucketCount'];
  const shown = Object.fromEntries(wanted.map((name) => [`storageStats.${name}`, 1]));
  const [found] = await db
    .collection(collection)
    .aggregate([{ $collStats: { storageStats: {} } }, { $project: shown }], {
      ...options,
      readConcern: { level: 'local' },
    })
    .toArray()
    .catch((error: unknown) => ((error as { code?: unknown }).code === gone ? [] : Promise.reject(error as Error)));
  if (!found) return undefined;
  const stats = (found['storageStats'] ?? {}) as Document;
  return {
    ...(stats['timeseries'] === undefined && { documents: Number(stats['count'] ?? 0) }),
    data: Number(stats['size'] ?? 0),
    storage: Number(stats['storageSize'] ?? 0),
    indexes: Number(stats['totalIndexSize'] ?? 0),
    ofIndexes: Object.fromEntries(
      Object.entries((stats['indexSizes'] ?? {}) as object).map(([name, bytes]) => [name, Number(bytes)]),
    ),
  };
}

/** The number of documents of a collection, and their size. */
export interface CollectionSize {
  readonly documents: number;
  /** The uncompressed size of the documents, in bytes. */
  readonly bytes: number;
}

/** Reads the size of a collection. Returns undefined for a time series, if the collection does not exist, or if this user may not read the size. */
export async function sizeOf(db: Db, collection: string, maxTimeMS?: number): Promise<CollectionSize | undefined> {
  try {
    const options = { readPreference: 'primary', ...(maxTimeMS !== undefined && { maxTimeMS }) } as const;
    const { documents, data: bytes = 0 } = (await readSizes(db, collection, options)) ?? {};
    return documents === undefined ? undefined : { documents, bytes };
  } catch (error) {
    // The size is only a hint, so an error of the server must not stop the caller.
    if (!(error instanceof MongoServerError) || isTransient(error)) throw error;
    return undefined;
  }
}

/** The error code NamespaceNotFound: the collection was dropped after it was listed. */
const gone = 26;
