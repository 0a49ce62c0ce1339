import { BSON, type Binary, type CollectionInfo, type Db, type Document } from 'mongodb';
import { decodeClosed, isPlaceholder, nameWhenClosed, type Validation } from '../schema/closed';
import { canonicalOptions } from '../schema/collection-options';
import { canonicalIndex } from '../schema/index-rules';
import { canonicalValidator } from '../schema/validator';
import { isOwnIndexOf, timeSeriesOf } from '../schema/time-series';
import { canonicalView } from '../schema/view';
import { isOwnIn } from './changelog-name';
import { isSetAside, nameBeforeDrop, setAsideName } from '../schema/own-collections';
import { documentId, isPlainObject, keyOfPlain, pairsIn, toPlain } from '../schema/plain';
import { plainOfBytes } from '../schema/plain-of-bytes';
import { bytesOf } from '../support/exact-bson';
import { deepFreeze } from '../schema/freeze';
import { unauthorized } from './server-errors';
import type { Kind, NamedKind } from '../schema/change';
import { kinds, namedKinds, rules } from '../schema/kinds/table';
import type { Contents, Index, Plain, PlainObject, Schema, Validator } from '../schema/schema';

/** What a live database looks like. */
export interface LiveSchema {
  readonly schema: Schema;
  /** What stands there and is of no kind that migrations make: its type by name. */
  readonly others: ReadonlyMap<string, string>;
  /** Collections that an interrupted drop left closed to writes, with what they had before, which `schema` shows. */
  readonly closed: ReadonlyMap<string, Validation>;
  /** Collections that stand under the name that a drop gives them, by that name. No schema shows them. */
  readonly setAside: ReadonlyMap<string, SetAside>;
  /** Those whose indexes this user may not read, where the caller goes on without them: `schema` has none of them. */
  readonly unreadable: ReadonlySet<string>;
  /** What tells a collection from another of the same name, by name. Views and time series have none. */
  readonly uuids: ReadonlyMap<string, Binary>;
}

/** A collection that a drop renamed and did not come to remove, or one that keeps such a name taken. */
export interface SetAside {
  readonly name: string;
  /** Its name before; absent where nothing tells it. */
  readonly was?: string;
  /** Absent for views and time series, which no drop sets aside. */
  readonly uuid?: Binary;
  /** What it had before it was closed; absent where it is not closed. */
  readonly before?: Validation;
  /** It is empty, takes no documents, and keeps its name taken. */
  readonly isPlaceholder: boolean;
}

export interface ReadOptions {
  /** The collections to look at; all of them unless given. */
  readonly collections?: Iterable<string>;
  /** Names to read, whoever keeps them, and the name that each is shown under: what a restore has loaded, as if it were in place. */
  readonly as?: ReadonlyMap<string, string> | undefined;
  /** The collections whose indexes to look at; all of them unless given. */
  readonly indexes?: ReadonlySet<string>;
  /** Goes on without the indexes that this user may not read. */
  readonly readsWhatItMay?: boolean;
  /** The keys of the reference documents to look for, by collection. No other document is read. */
  readonly documents?: ReadonlyMap<string, readonly string[]>;
}

/** Values as they are stored: the server's regular expressions are not all ones that JavaScript could make, `(?i)x`. */
const asStored = { promoteValues: false, bsonRegExp: true } as const;
/**
 * What a migration may have written is read as bytes: its types and the order of its names count. The driver sets the last one
 * for `find` alone; without it, it does not read what an error says of the server, and takes the server for lost.
 */
const exactly = { readPreference: 'primary', raw: true, documentsReturnedIn: 'firstBatch' } as const;

/** What is read of one name. */
interface Found {
  readonly db: Db;
  readonly name: string;
  readonly options: PlainObject;
  /** The validation that the migrations gave it, whatever an interrupted drop has put in its place. */
  readonly validation: PlainObject;
  readonly readsIndexes: boolean;
  /** Told that this user may not read the indexes; absent where that ends it. */
  readonly onUnreadable?: (() => void) | undefined;
  readonly documents: readonly string[];
}

/** How the values of each kind are read, as a part of what a schema holds of a name. */
const readers: { readonly [K in Kind]: (found: Found) => Contents | Promise<Contents> } = {
  collection: ({ options }) => ({ options: canonicalOptions(options) }),
  'collection.name': readWithAnother,
  validator: ({ validation }) => {
    const validator = readValidator(validation);
    return validator ? { validator } : {};
  },
  index: async ({ db, name, options, readsIndexes, onUnreadable }) => {
    if (!readsIndexes) return { indexes: {} };
    try {
      const series = timeSeriesOf(options);
      const indexes = Object.entries(await readIndexes(db, name));
      return { indexes: Object.fromEntries(indexes.filter(([, index]) => !series || !isOwnIndexOf(series, index))) };
    } catch (error) {
      if (!onUnreadable || (error as { code?: unknown }).code !== unauthorized) throw error;
      onUnreadable();
      return {};
    }
  },
  'index.expireAfterSeconds': readWithAnother,
  'index.hidden': readWithAnother,
  'index.unique': readWithAnother,
  document: async ({ db, name, documents }) => ({ documents: await readDocuments(db, name, documents) }),
  view: ({ options }) => ({ view: canonicalView(options) }),
};

function readWithAnother(): Contents {
  return {};
}

/** Which collection each name stands for now; a view has no UUID. */
export function uuidsOf(found: readonly CollectionInfo[]): Map<string, Binary> {
  return new Map(found.flatMap(({ name, info }) => (info?.uuid ? [[name, info.uuid]] : [])));
}

/** Reads, from the primary, the schema of a database. `system.*` and this repository's own collections are passed by. */
export async function readSchema(
  db: Db,
  { collections, as, indexes, documents, readsWhatItMay = false }: ReadOptions = {},
): Promise<LiveSchema> {
  const wanted = collections && [...collections];
  const names = as ? [...as.keys()] : wanted?.flatMap((name) => [name, setAsideName(db.databaseName, name)]);
  const listed = await list(db, names);
  const found = listed.map(({ info }) => info);
  const others = new Map<string, string>();
  const closed = new Map<string, Validation>();
  const uuids = uuidsOf(found);
  const unreadable = new Set<string>();
  const setAside = new Map(found.filter(({ name }) => isSetAside(name)).map((info) => [info.name, readSetAside(info)]));
  const entries = listed
    .filter(({ info: { name } }) => !name.startsWith('system.') && (as !== undefined || !isOwnIn(db, name)))
    .sort(({ info: one }, { info: other }) => (one.name < other.name ? -1 : 1))
    .map(async ({ info: { name, type, options: decoded = {} }, options }): Promise<[string, Contents] | undefined> => {
      // The server calls a time series by another word, and shows it as a collection with options of its own.
      const named = namedKinds.find((kind) => kind === (type === 'timeseries' ? 'collection' : type));
      const shown = as?.get(name) ?? name;
      if (!named) {
        others.set(shown, type ?? 'unknown');
        return undefined;
      }
      const original = decodeClosed(decoded);
      if (original) closed.set(name, original);
      const contents = await readContents(named, {
        db,
        name,
        options,
        validation: original ? toPlain(original) : options,
        readsIndexes: !indexes || indexes.has(name),
        onUnreadable: readsWhatItMay ? () => unreadable.add(name) : undefined,
        documents: documents?.get(name) ?? [],
      });
      return [shown, contents];
    });
  const read = (await Promise.all(entries)).filter((entry) => entry !== undefined);
  return { schema: deepFreeze(Object.fromEntries(read)), others, closed, setAside, unreadable, uuids };
}

/** Collections as the primary lists them, with their options. */
export async function listCollections(db: Db, names?: readonly string[]): Promise<CollectionInfo[]> {
  return (await list(db, names)).map(({ info }) => info);
}

/** The same, each with its options as plain data. */
async function list(
  db: Db,
  names?: readonly string[],
): Promise<{ readonly info: CollectionInfo; readonly options: PlainObject }[]> {
  const filter = names ? { name: { $in: [...names] } } : {};
  const found = await db.listCollections(filter, { nameOnly: false, ...exactly }).toArray();
  return found.map(bytesOf).map((raw) => {
    const { options } = plainOfBytes(raw);
    return {
      info: BSON.deserialize(raw, asStored) as CollectionInfo,
      options: isPlainObject(options) ? options : {},
    };
  });
}

/** Reads how a collection stands that has such a name. */
export function readSetAside({ name, options = {}, info }: CollectionInfo): SetAside {
  const before = decodeClosed(options);
  const was = nameWhenClosed(options) ?? nameBeforeDrop(name);
  return {
    name,
    ...(was !== undefined && { was }),
    ...(info?.uuid && { uuid: info.uuid }),
    ...(before && { before }),
    isPlaceholder: isPlaceholder(options),
  };
}

async function readContents(named: NamedKind, found: Found): Promise<Contents> {
  let contents: Contents = {};
  for (const kind of kinds) {
    if (rules[kind].within === named) contents = { ...contents, ...(await readers[kind](found)) };
  }
  return contents;
}

/** A validator that was taken away leaves its level and action behind, so they mean nothing on their own. */
function readValidator({ validator, validationLevel, validationAction }: PlainObject): Validator | undefined {
  if (!isPlainObject(validator) || Object.keys(validator).length === 0) return undefined;
  return canonicalValidator(validator, { validationLevel, validationAction });
}

/** The indexes of a collection by name, without the one on `_id`. */
export async function readIndexes(db: Db, collection: string): Promise<Record<string, Index>> {
  const found: Document[] = await db
    .collection(collection)
    .listIndexes(exactly)
    .toArray()
    // Dropped since it was listed: it has no indexes then.
    .catch((error: unknown) => ((error as { code?: unknown }).code === 26 ? [] : Promise.reject(error as Error)));
  const named = found
    .map((raw) => plainOfBytes(bytesOf(raw)))
    // The index of a clustered collection may have any name; it is told by the collection's options.
    .filter(({ name, clustered }) => name !== '_id_' && clustered !== true)
    .map((index): [string, Index] => [index['name'] as string, canonicalIndex(index)]);
  return Object.fromEntries(named.sort(([one], [other]) => (one < other ? -1 : 1)));
}

async function readDocuments(
  db: Db,
  collection: string,
  keys: readonly string[],
): Promise<Record<string, PlainObject>> {
  if (keys.length === 0) return {};
  const found = await db
    .collection(collection)
    .find({ _id: { $in: keys.map(documentId) } } as Document, { ...exactly, readConcern: 'majority' })
    .toArray();
  return Object.fromEntries(
    found.map((raw) => {
      const document = plainOfBytes(bytesOf(raw));
      return [keyOfPlain(idIn(document)), document];
    }),
  );
}

/** The `_id` of a document, also of one that an object cannot hold. */
function idIn(document: PlainObject): Plain {
  return (pairsIn(document) ?? Object.entries(document)).find(([name]) => name === '_id')?.[1] ?? null;
}
