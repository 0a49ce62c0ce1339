import { setTimeout as sleep } from 'node:timers/promises';
import { BSON, MongoBulkWriteError, type Db, type Document } from 'mongodb';
import { listCollections, withReads } from '../database';
import { discardServer, startEmbedded } from '../mongod/embedded';
import { SchemaError } from '../support/schema-error';

export interface CopyOptions {
  /** How many documents to copy. */
  readonly sample: number;
  readonly env: NodeJS.ProcessEnv;
}

/** How much of a collection was copied. */
export interface CopySize {
  /** The server's estimate of the number of documents in the collection. */
  readonly documents: number;
  readonly copied: number;
  /** The size of the copied documents, in bytes. */
  readonly bytes: number;
}

/** The maximum size of a copy, in bytes, regardless of the number of documents. */
const mostBytes = 256 * 1024 ** 2;
const batchSize = 1_000;
/** Below this share of a collection, `$sample` picks documents directly. For a larger share, the server would sort the whole collection. */
const drawnUpTo = 0.05;
const duplicate = 11_000;

/** Documents of the copy must not expire, so that the copy remains like the original collection. */
const serverArgs = ['--setParameter', 'ttlMonitorEnabled=false'];

/**
 * Runs `work` on a copy of a collection: documents drawn at random, with the same indexes and collation, on a temporary embedded mongod.
 * The live server is only read.
 * @throws error with code `USAGE` when the collection cannot be copied, `NO_SERVER` when no mongod can be started
 */
export async function withCopy<T>(
  live: Db,
  collection: string,
  { sample, env }: CopyOptions,
  work: (copy: Db, size: CopySize) => Promise<T>,
): Promise<T> {
  const options = await optionsOf(live, collection);
  const server = await startEmbedded({ env, args: serverArgs, replicaSet: false });
  try {
    return await withReads({ url: server.url, database: 'copy' }, async ({ db: copy }) => {
      await copy.createCollection(collection, options);
      const size = await copyDocuments(live, copy, collection, sample);
      await copyIndexes(live, copy, collection, options['collation'] !== undefined);
      return work(copy, size);
    });
  } finally {
    await discardServer(server);
  }
}

/** Returns the options of the collection that influence query plans. (Indexes are copied separately.) */
async function optionsOf(live: Db, collection: string): Promise<Document> {
  const [found] = await listCollections(live, [collection]);
  if (found?.type !== 'collection') {
    throw new SchemaError('USAGE', `${collection} cannot be copied`, {
      why: found ? `it is a ${found.type === 'timeseries' ? 'time series' : 'view'}` : 'there is no such collection',
    });
  }
  const { collation, clusteredIndex } = found.options ?? {};
  const clustered = clusteredIndex as Document | undefined;
  return {
    ...(collation !== undefined && { collation: collation as unknown }),
    ...(clustered && { clusteredIndex: { key: clustered['key'] as unknown, unique: true } }),
  };
}

async function copyIndexes(live: Db, copy: Db, collection: string, hasCollation: boolean): Promise<void> {
  const found = (await live.collection(collection).listIndexes().toArray()) as Document[];
  const indexes = found
    .filter(({ key, clustered }) => !isOnId(key) && clustered !== true)
    // Without a collation, the index would inherit the collation of the collection.
    .map((index) => (hasCollation && !index['collation'] ? { ...index, collation: { locale: 'simple' } } : index));
  if (indexes.length > 0) await copy.command({ createIndexes: collection, indexes });
}

function isOnId(key: unknown): boolean {
  return JSON.stringify(key) === '{"_id":1}';
}

async function copyDocuments(live: Db, copy: Db, collection: string, sample: number): Promise<CopySize> {
  const documents = await live.collection(collection).estimatedDocumentCount();
  // Keep the stored BSON types.
  const exactly = { promoteValues: false, bsonRegExp: true, batchSize, readConcern: { level: 'local' } } as const;
  const cursor = live.collection(collection).aggregate(drawn(documents, sample), exactly);
  let batch: Document[] = [];
  let [copied, bytes] = [0, 0];
  const flush = async () => {
    if (batch.length > 0) copied += await insert(copy, collection, batch);
    batch = [];
    // Pause between batches, so that the live server can serve other clients.
    await sleep(1);
  };
  for await (const document of cursor as AsyncIterable<Document>) {
    batch.push(document);
    bytes += BSON.calculateObjectSize(document);
    if (batch.length === batchSize) await flush();
    if (bytes >= mostBytes) break;
  }
  await flush();
  return { documents, copied, bytes };
}

/** Returns a pipeline that draws documents at random, without sorting the whole collection. */
function drawn(documents: number, sample: number): Document[] {
  if (documents <= sample) return [];
  if (sample < documents * drawnUpTo) return [{ $sample: { size: sample } }];
  return [{ $match: { $sampleRate: sample / documents } }, { $limit: sample }];
}

/** Inserts documents. Ignores duplicates, because a document may be drawn twice. */
async function insert(copy: Db, collection: string, batch: readonly Document[]): Promise<number> {
  try {
    return (await copy.collection(collection).insertMany([...batch], { ordered: false })).insertedCount;
  } catch (error) {
    if (!(error instanceof MongoBulkWriteError) || error.code !== duplicate) throw error;
    return error.insertedCount;
  }
}
