import { BSON, type Binary, type CollectionInfo, type Db, type Document } from 'mongodb';
import { SchemaError } from '../support/schema-error';
import type { Applied } from './restored-history';

/** What stands under a name, or is to stand there. `documents` is about how many it held when it was looked at. */
export type Thing =
  | { readonly kind: 'collection'; readonly uuid: Binary; readonly documents: number }
  /** `uuid` is that of the collection that holds its buckets. `definition` is BSON: `SeriesDefinition`. */
  | { readonly kind: 'timeseries'; readonly uuid: Binary; readonly documents: number; readonly definition: Binary }
  /** `definition` is BSON: `viewOn`, `pipeline`, `collation`. */
  | { readonly kind: 'view'; readonly definition: Binary };

export interface SeriesDefinition extends Document {
  readonly options: Document;
  readonly indexes: readonly Document[];
}

/** What a restore does with one name: it exchanges `from` for `to`. */
export interface SwapEntry {
  readonly name: string;
  readonly class: 'replace' | 'add' | 'remove';
  /** The names that the two have while they are not in place. A hash stands in for a long name. */
  readonly stagedAs: string;
  readonly replacedAs: string;
  /** What was there before. */
  readonly from?: Thing;
  /** What the backup holds. */
  readonly to?: Thing;
}

/** A collection that an application made in the moment in which a name was free. */
export interface Aside {
  readonly name: string;
  readonly collection: string;
  readonly uuid: Binary;
}

/**
 * Everything that is needed to finish a swap or to take it back, without any file. It is stored before the swap begins: names
 * alone cannot tell a collection that was not exchanged yet from one that was.
 */
export interface Swap {
  /** The backup, for people. */
  readonly title: string;
  readonly entries: readonly SwapEntry[];
  /** The events of the backup; absent where it holds none. */
  readonly history?: { readonly collection: string; readonly uuid: Binary };
  readonly aside: readonly Aside[];
  /** What was applied before: recorded again when the swap is taken back after events of the backup were added. */
  readonly applied: readonly Applied[];
  readonly addsEvents?: boolean;
  /** The marker of a restore of an earlier version that had not come to its end. */
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

/** What has some names now, by name. */
export type Standing = ReadonlyMap<string, CollectionInfo>;

const buckets = 'system.buckets.';

/** All of them unless some are named. Options come as they are, with every type of BSON. */
export async function look(db: Db, names?: readonly string[]): Promise<Standing> {
  const filter = names ? { name: { $in: [...names, ...names.map((name) => buckets + name)] } } : {};
  const exactly = { promoteValues: false, bsonRegExp: true, readPreference: 'primary' } as const;
  const found = await db.listCollections<CollectionInfo>(filter, { nameOnly: false, ...exactly }).toArray();
  return new Map(found.map((info) => [info.name, info]));
}

/** The UUID of what stands under a name: of its buckets for a time series; undefined for a view, or where nothing is. */
export function uuidIn(standing: Standing, name: string): Binary | undefined {
  const info = standing.get(name);
  return info?.type === 'timeseries' ? standing.get(buckets + name)?.info?.uuid : info?.info?.uuid;
}

export function isSame(one: Binary | undefined, other: Binary | undefined): boolean {
  return one !== undefined && other !== undefined && Buffer.from(one.buffer).equals(Buffer.from(other.buffer));
}

/** Whether a thing stands under a name. */
export function isInPlace(standing: Standing, name: string, thing: Thing): boolean {
  if (thing.kind !== 'view') return isSame(uuidIn(standing, name), thing.uuid);
  const info = standing.get(name);
  return info?.type === 'view' && bytesOf(viewDefinition(info.options ?? {})).equals(bytesOf(thing.definition));
}

export function bytesOf(definition: Binary): Buffer {
  return Buffer.from(definition.buffer.subarray(0, definition.position));
}

/** What defines a view. */
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

/** The definition of a view in BSON, always the same for the same view. */
export function viewDefinition(options: Document): Binary {
  const { viewOn, pipeline, collation } = options as Partial<ViewDefinition>;
  return encode({ viewOn, pipeline: pipeline ?? [], ...(collation !== undefined && { collation }) });
}

export function encode(definition: Document): Binary {
  return new BSON.Binary(BSON.serialize(definition));
}
