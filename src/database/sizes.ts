import { MongoServerError, type AggregateOptions, type Db, type Document } from 'mongodb';
import { isTransient } from './retry';

/** What a collection holds, in bytes but for the first. */
export interface Sizes {
  /** By the server's own count, which a crash may leave wrong. Absent in a time series: the server counts its buckets. */
  readonly documents?: number;
  /** Of the documents, uncompressed. */
  readonly data: number;
  /** Of the documents on the disk. */
  readonly storage: number;
  /** Of all indexes on the disk. */
  readonly indexes: number;
  /** The same for each, by name. */
  readonly ofIndexes: Readonly<Record<string, number>>;
}

/** Undefined for what is no collection any more. Needs the privilege collStats, which the role `read` has. */
export async function readSizes(
  db: Db,
  collection: string,
  options: AggregateOptions = {},
): Promise<Sizes | undefined> {
  // Without the projection the server would send some 20 KB for each index.
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

/** How much a collection holds. */
export interface CollectionSize {
  readonly documents: number;
  /** Of the documents, uncompressed. */
  readonly bytes: number;
}

/** Undefined where it is not known: for a time series, for what is no collection, and for a user who may not know it. */
export async function sizeOf(db: Db, collection: string, maxTimeMS?: number): Promise<CollectionSize | undefined> {
  try {
    const options = { readPreference: 'primary', ...(maxTimeMS !== undefined && { maxTimeMS }) } as const;
    const { documents, data: bytes = 0 } = (await readSizes(db, collection, options)) ?? {};
    return documents === undefined ? undefined : { documents, bytes };
  } catch (error) {
    // A size is good to know, and nothing depends on it.
    if (!(error instanceof MongoServerError) || isTransient(error)) throw error;
    return undefined;
  }
}

/** NamespaceNotFound: it was dropped since it was listed. */
const gone = 26;
