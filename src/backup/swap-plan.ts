import { BSON, type Binary, type CollectionInfo, type Db, type Document } from 'mongodb';
import { SchemaError } from '../support/schema-error';
import type { Applied } from './restored-history';

/**
 * A collection, time series or view that has a name now or will get it. `documents` is their approximate number at the time of the plan.
 */
export type Thing =
  | { readonly kind: 'collection'; readonly uuid: Binary; readonly documents: number }
  /** `uuid` is that of the buckets collection. `definition` is BSON: `SeriesDefinition`. */
  | { readonly kind: 'timeseries'; readonly uuid: Binary; readonly documents: number; readonly definition: Binary }
  /** `definition` is BSON: `viewOn`, `pipeline`, `collation`. */
  | { readonly kind: 'view'; readonly definition: Binary };

export interface SeriesDefinition extends Document {
  readonly options: Document;
  readonly indexes: readonly Document[];
}

/** The exchange for one name: `from` is replaced by `to`. */
export interface SwapEntry {
  readonly name: string;
  readonly class: 'replace' | 'add' | 'remove';
  /**
   * `stagedAs` is the temporary name of `to`, `replacedAs` that of `from`, while they are not in place. A long name is replaced by a hash.
   */
  readonly stagedAs: string;
  readonly replacedAs: string;
  /** What has the name before the restore. */
  readonly from?: Thing;
  /** What the backup has under this name. */
  readonly to?: Thing;
}

/** A collection that an application made under `name` while this name was free for a moment, and that was then renamed to `collection`. */
export interface Aside {
  readonly name: string;
  readonly collection: string;
  readonly uuid: Binary;
}

/**
 * Everything that is needed to finish or undo an exchange without the file of the backup. It is stored before the exchange begins.
 * Otherwise, nobody could know later which collections were already exchanged, because their names alone do not show that.
 */
export interface Swap {
  /** The name of the backup, as shown to people. */
  readonly title: string;
  readonly entries: readonly SwapEntry[];
  /** The collection with the loaded events of the backup; undefined when the backup has no events. */
  readonly history?: { readonly collection: string; readonly uuid: Binary };
  readonly aside: readonly Aside[];
  /**
   * The migrations that were applied before the restore. If the exchange is undone after events of the backup were added, these migrations
   * are recorded again.
   */
  readonly applied: readonly Applied[];
  readonly addsEvents?: boolean;
  /** The record of an unfinished restore by an earlier version. */
  readonly earlier?: Document;
}

/** @throws error with code `HISTORY` for a swap that this version cannot read */
export function swapOf(stored: Document): Swap {
  if (Array.isArray(stored['entries']) && Array.isArray(stored['aside']) && Array.isArray(stored['applied'])) {
    return stored as Swap;
  }
  throw new SchemaError('HISTORY', 'The record of the unfinished restore cannot be read, so nothing was changed', {
    why: 'another version of this tool wrote it',
    fix: 'use the version that began the restore',
  });
}

/** The present collections, time series and views, by name. */
export type Standing = ReadonlyMap<string, CollectionInfo>;

const buckets = 'system.buckets.';

/** Lists the collections, time series and views with these names; by default, all of them. Options keep their BSON types. */
export async function look(db: Db, names?: readonly string[]): Promise<Standing> {
  const filter = names ? { name: { $in: [...names, ...names.map((name) => buckets + name)] } } : {};
  const exactly = { promoteValues: false, bsonRegExp: true, readPreference: 'primary' } as const;
  const found = await db.listCollections<CollectionInfo>(filter, { nameOnly: false, ...exactly }).toArray();
  return new Map(found.map((info) => [info.name, info]));
}

/**
 * Returns the UUID of the collection with this name: for a time series, the UUID of its buckets; undefined for a view, or when nothing
 * has the name.
 */
export function uuidIn(standing: Standing, name: string): Binary | undefined {
  const info = standing.get(name);
  return info?.type === 'timeseries' ? standing.get(buckets + name)?.info?.uuid : info?.info?.uuid;
}

export function isSame(one: Binary | undefined, other: Binary | undefined): boolean {
  return one !== undefined && other !== undefined && Buffer.from(one.buffer).equals(Buffer.from(other.buffer));
}

/** Returns whether this collection, time series or view has the name now. */
export function isInPlace(standing: Standing, name: string, thing: Thing): boolean {
  if (thing.kind !== 'view') return isSame(uuidIn(standing, name), thing.uuid);
  const info = standing.get(name);
  return info?.type === 'view' && bytesOf(viewDefinition(info.options ?? {})).equals(bytesOf(thing.definition));
}

export function bytesOf(definition: Binary): Buffer {
  return Buffer.from(definition.buffer.subarray(0, definition.position));
}

/** The definition of a view. */
export interface ViewDefinition {
  readonly viewOn: string;
  readonly pipeline: readonly Document[];
  readonly collation?: Document;
}

export function decodeView(definition: Binary): ViewDefinition {
  return decode(definition) as ViewDefinition;
}

export function decodeSeries(definition: Binary): SeriesDefinition {
  return decode(definition) as SeriesDefinition;
}

function decode(definition: Binary): Document {
  return BSON.deserialize(bytesOf(definition), { promoteValues: false, bsonRegExp: true });
}

/** Returns the definition of a view as BSON. Equal views give equal bytes. */
export function viewDefinition(options: Document): Binary {
  const { viewOn, pipeline, collation } = options as Partial<ViewDefinition>;
  return encode({ viewOn, pipeline: pipeline ?? [], ...(collation !== undefined && { collation }) });
}

export function encode(definition: Document): Binary {
  return new BSON.Binary(BSON.serialize(definition));
}
