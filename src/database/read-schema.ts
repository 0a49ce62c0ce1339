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
import { bytesOf, elementsOf } from '../support/exact-bson';
import { deepFreeze } from '../schema/freeze';
import { unauthorized } from './server-errors';
import type { Kind, NamedKind } from '../schema/change';
import { kinds, namedKinds, rules } from '../schema/kinds/table';
import type { Contents, Index, Plain, PlainObject, Schema, Validator } from '../schema/schema';

/** The schema of a live database. */
export interface LiveSchema {
  readonly schema: Schema;
  /** Entries of `listCollections` that migrations cannot make: the type of each entry, by its name. */
  readonly others: ReadonlyMap<string, string>;
  /** Collections that an interrupted drop left closed for writes, with their earlier validation, which `schema` shows. */
  readonly closed: ReadonlyMap<string, Validation>;
  /** Collections that a drop has renamed, by their new name. These collections are not in `schema`. */
  readonly setAside: ReadonlyMap<string, SetAside>;
  /** Collections whose indexes this user may not read, if the caller allows that. Their indexes are not in `schema`. */
  readonly unreadable: ReadonlySet<string>;
  /**
   * The UUID of each collection by name. The UUID distinguishes a collection from a later one with the same name. Views and time series
   * have no UUID.
   */
  readonly uuids: ReadonlyMap<string, Binary>;
}

/** A collection that a drop has renamed and not removed yet, or a placeholder with such a name. */
export interface SetAside {
  readonly name: string;
  /** The name before the drop; undefined when this name is unknown. */
  readonly was?: string;
  /** Undefined for views and time series, which a drop never renames. */
  readonly uuid?: Binary;
  /** The validation before the collection was closed for writes; undefined when it is not closed. */
  readonly before?: Validation;
  /** Whether this is an empty placeholder, which accepts no documents. */
  readonly isPlaceholder: boolean;
}

export interface ReadOptions {
  /** The collections to read. The default is all. */
  readonly collections?: Iterable<string>;
  /**
   * The collections to read, each with the name under which `schema` shows it. Collections with reserved names are read too: a restore
   * compares its temporary collections this way.
   */
  readonly as?: ReadonlyMap<string, string> | undefined;
  /** The collections whose indexes are read. The default is all. */
  readonly indexes?: ReadonlySet<string>;
  /** Continues without indexes that this user may not read. */
  readonly readsWhatItMay?: boolean;
  /** The keys of the reference documents to read, by collection. No other document is read. */
  readonly documents?: ReadonlyMap<string, readonly string[]>;
}

/** Keeps stored BSON types. Some regular expressions of the server do not exist in JavaScript, such as `(?i)x`. */
const asStored = { promoteValues: false, bsonRegExp: true } as const;
/**
 * Reads rows as bytes, because their types and the order of their fields matter. The driver sets `documentsReturnedIn` only for `find`.
 * Without this option, the driver does not decode the information about the server in an error, and treats the server as lost.
 */
const exactly = { readPreference: 'primary', raw: true, documentsReturnedIn: 'firstBatch' } as const;

/** What the readers below need to read one collection or view. */
interface Found {
  readonly db: Db;
  readonly name: string;
  readonly options: PlainObject;
  /** The validation that the migrations have set, even if an interrupted drop has replaced it. */
  readonly validation: PlainObject;
  readonly readsIndexes: boolean;
  /** Called when this user may not read the indexes. Without this function, unreadable indexes are an error. */
  readonly onUnreadable?: (() => void) | undefined;
  readonly documents: readonly string[];
}

/** One reader for each kind. A reader returns the values of its kind, as a part of the schema. */
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

/** Returns the UUID of each collection, by its name. A view has no UUID. */
export function uuidsOf(found: readonly CollectionInfo[]): Map<string, Binary> {
  return new Map(found.flatMap(({ name, info }) => (info?.uuid ? [[name, info.uuid]] : [])));
}

/** Reads the schema of a database from the primary. Leaves out `system.*` and the collections of this tool. */
export async function readSchema(
  db: Db,
  { collections, as, indexes, documents, readsWhatItMay = false }: ReadOptions = {},
): Promise<LiveSchema> {
  const wanted = collections && [...collections];
  const names = as ? [...as.keys()] : wanted?.flatMap((name) => [name, setAsideName(db.databaseName, name)]);
  const found = (await list(db, names)).map(plainInfo);
  const others = new Map<string, string>();
  const closed = new Map<string, Validation>();
  const uuids = uuidsOf(found);
  const unreadable = new Set<string>();
  const setAside = new Map(found.filter(({ name }) => isSetAside(name)).map((info) => [info.name, readSetAside(info)]));
  const entries = found
    .filter(({ name }) => !name.startsWith('system.') && (as !== undefined || !isOwnIn(db, name)))
    .sort((one, other) => (one.name < other.name ? -1 : 1))
    .map(async ({ name, type, options }): Promise<[string, Contents] | undefined> => {
      // The server has a separate type for time series. In the schema, a time series is a collection with options.
      const named = namedKinds.find((kind) => kind === (type === 'timeseries' ? 'collection' : type));
      const shown = as?.get(name) ?? name;
      if (!named) {
        others.set(shown, type ?? 'unknown');
        return undefined;
      }
      const original = decodeClosed(options);
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

/** Returns the collections and their options from the primary. */
export async function listCollections(db: Db, names?: readonly string[]): Promise<CollectionInfo[]> {
  return (await list(db, names)).map((raw) => BSON.deserialize(raw, asStored) as CollectionInfo);
}

async function list(db: Db, names?: readonly string[]): Promise<Uint8Array[]> {
  const filter = names ? { name: { $in: [...names] } } : {};
  return (await db.listCollections(filter, { nameOnly: false, ...exactly }).toArray()).map(bytesOf);
}

/** Returns a listed collection with its options as plain data. Only its UUID is needed as a BSON value, so only that is decoded. */
function plainInfo(raw: Uint8Array): CollectionInfo & { readonly options: PlainObject } {
  const { name, type, options } = plainOfBytes(raw);
  const info = elementsOf(raw).find((element) => element.name === 'info');
  return {
    name: name as string,
    type: type as string,
    options: isPlainObject(options) ? options : {},
    ...(info && { info: BSON.deserialize(info.bytes, asStored) }),
  };
}

/** Returns what is known about a collection that a drop has renamed, or about a placeholder. */
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

/** Returns the validator. After a validator was removed, its level and its action remain, but they mean nothing without a validator. */
function readValidator({ validator, validationLevel, validationAction }: PlainObject): Validator | undefined {
  if (!isPlainObject(validator) || Object.keys(validator).length === 0) return undefined;
  return canonicalValidator(validator, { validationLevel, validationAction });
}

/** Returns the indexes of a collection by name, except the index on `_id`. */
export async function readIndexes(db: Db, collection: string): Promise<Record<string, Index>> {
  const found: Document[] = await db
    .collection(collection)
    .listIndexes(exactly)
    .toArray()
    // The collection was dropped after it was listed, so it has no indexes.
    .catch((error: unknown) => ((error as { code?: unknown }).code === 26 ? [] : Promise.reject(error as Error)));
  const named = found
    .map((raw) => plainOfBytes(bytesOf(raw)))
    // The index of a clustered collection may have any name. This index is part of the collection's options.
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

/** Returns the `_id` of a document, even if a JavaScript object cannot represent the document. */
function idIn(document: PlainObject): Plain {
  return (pairsIn(document) ?? Object.entries(document)).find(([name]) => name === '_id')?.[1] ?? null;
}
