import type { Db } from 'mongodb';
import { readSizes, type AskOptions } from '../database';
import { accessesOf } from '../indexes';
import type { Emit } from './families';

/** Returns the names of the collections, sorted, without views and system collections. */
export async function collectionsOf(db: Db, options: AskOptions): Promise<string[]> {
  const found = await db.listCollections({}, { ...options, nameOnly: true }).toArray();
  return found
    .filter(({ name, type }) => type !== 'view' && !name.startsWith('system.'))
    .map(({ name }) => name)
    .sort();
}

/** Emits the sizes of each collection and each index. */
export async function emitSizes(db: Db, names: readonly string[], options: AskOptions, emit: Emit): Promise<void> {
  await forEach(names, async (collection) => {
    const sizes = await readSizes(db, collection, options);
    if (!sizes) return;
    const { documents, data, storage, indexes, ofIndexes } = sizes;
    if (documents !== undefined) emit('schema_collection_documents', documents, { collection });
    emit('schema_collection_data_bytes', data, { collection });
    emit('schema_collection_storage_bytes', storage, { collection });
    emit('schema_collection_indexes_bytes', indexes, { collection });
    for (const [index, bytes] of Object.entries(ofIndexes)) emit('schema_index_bytes', bytes, { collection, index });
  });
}

/** Emits the number of uses of each index. */
export async function emitIndexUse(db: Db, names: readonly string[], options: AskOptions, emit: Emit): Promise<void> {
  await forEach(names, async (collection) => {
    for (const { name: index, ops } of await accessesOf(db, collection, options)) {
      emit('schema_index_operations_total', ops, { collection, index });
    }
  });
}

/** The maximum number of concurrent commands. This limit leaves connections and server capacity for other clients. */
const atOnce = 3;

/**
 * Calls `look` for every name, even if one of the calls fails.
 * @throws the error of the first name that failed, in the order of `names`, so that the error is the same each time
 */
async function forEach(names: readonly string[], look: (name: string) => Promise<void>): Promise<void> {
  const left = [...names];
  const problems = new Map<string, unknown>();
  const worker = async () => {
    for (let name = left.shift(); name !== undefined; name = left.shift()) {
      await look(name).catch((error: unknown) => problems.set(name, error));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  const first = names.find((name) => problems.has(name));
  if (first !== undefined) throw problems.get(first);
}
