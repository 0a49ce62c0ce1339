import type { CollectionInfo, Db, Document } from 'mongodb';
import { decodeClosed, type Validation } from './closed';
import { canonicalOptions } from './collection-options';
import { canonicalIndex } from './index-rules';
import { isOwnCollection } from './own-collections';
import { documentId, documentKey, toPlain } from './plain';
import { deepFreeze } from './draft';
import type { Collection, Index, PlainObject, Schema, Validator } from './schema';

/** What a live database looks like. */
export interface LiveSchema {
  readonly schema: Schema;
  /** What stands there and is no plain collection: its kind (`view`, `timeseries`) by name. */
  readonly others: ReadonlyMap<string, string>;
  /** Collections that an interrupted drop left closed to writes, with what they had before, which `schema` shows. */
  readonly closed: ReadonlyMap<string, Validation>;
}

export interface ReadOptions {
  /** The collections to look at; all of them unless given. */
  readonly collections?: Iterable<string>;
  /** The collections whose indexes to look at; all of them unless given. */
  readonly indexes?: ReadonlySet<string>;
  /** The keys of the reference documents to look for, by collection. No other document is read. */
  readonly documents?: ReadonlyMap<string, readonly string[]>;
}

/** Reads, from the primary, the schema of a database. `system.*` and this repository's own collections are passed by. */
export async function readSchema(db: Db, { collections, indexes, documents }: ReadOptions = {}): Promise<LiveSchema> {
  const filter = collections ? { name: { $in: [...collections] } } : {};
  const found = await db.listCollections<CollectionInfo>(filter, { nameOnly: false, readPreference: 'primary' }).toArray();
  const others = new Map<string, string>();
  const closed = new Map<string, Validation>();
  const entries = found
    .filter(({ name }) => !name.startsWith('system.') && !isOwnCollection(name))
    .sort((one, other) => (one.name < other.name ? -1 : 1))
    .map(async (info): Promise<[string, Collection] | undefined> => {
      if (info.type !== 'collection') {
        others.set(info.name, info.type ?? 'unknown');
        return undefined;
      }
      const options = info.options ?? {};
      const original = decodeClosed(options);
      if (original) closed.set(info.name, original);
      const validator = readValidator(original ?? options);
      return [
        info.name,
        {
          options: canonicalOptions(options),
          ...(validator && { validator }),
          indexes: !indexes || indexes.has(info.name) ? await readIndexes(db, info.name) : {},
          documents: await readDocuments(db, info.name, documents?.get(info.name) ?? []),
        },
      ];
    });
  const read = (await Promise.all(entries)).filter((entry) => entry !== undefined);
  return { schema: deepFreeze(Object.fromEntries(read)), others, closed };
}

/** A validator that was taken away leaves its level and action behind, so they mean nothing on their own. */
function readValidator({ validator, validationLevel, validationAction }: Document): Validator | undefined {
  const expression = validator as Document | undefined;
  if (!expression || Object.keys(expression).length === 0) return undefined;
  return canonicalValidator(expression, { validationLevel, validationAction });
}

/** A validator without the level and action that the server assumes. */
export function canonicalValidator(
  expression: Document,
  { validationLevel = 'strict', validationAction = 'error' }: { validationLevel?: unknown; validationAction?: unknown },
): Validator {
  return deepFreeze({
    validator: toPlain(expression),
    ...(validationLevel !== 'strict' && { validationLevel }),
    ...(validationAction !== 'error' && { validationAction }),
  } as Validator);
}

/** The indexes of a collection by name, without the one on `_id`. */
export async function readIndexes(db: Db, collection: string): Promise<Record<string, Index>> {
  const found: Document[] = await db
    .collection(collection)
    .listIndexes({ readPreference: 'primary' })
    .toArray()
    // Dropped since it was listed: it has no indexes then.
    .catch((error: unknown) => ((error as { code?: unknown }).code === 26 ? [] : Promise.reject(error as Error)));
  const named = found
    // The index of a clustered collection may have any name; it is told by the collection's options.
    .filter(({ name, clustered }) => name !== '_id_' && clustered !== true)
    .map((index): [string, Index] => [index['name'] as string, canonicalIndex(index)]);
  return Object.fromEntries(named.sort(([one], [other]) => (one < other ? -1 : 1)));
}

async function readDocuments(db: Db, collection: string, keys: readonly string[]): Promise<Record<string, PlainObject>> {
  if (keys.length === 0) return {};
  const found = await db
    .collection(collection)
    .find({ _id: { $in: keys.map(documentId) } } as Document, { readPreference: 'primary', readConcern: 'majority' })
    .toArray();
  return Object.fromEntries(found.map((document) => [documentKey(document['_id']), toPlain(document)]));
}
