import type { Change } from './change';
import { entries, entriesIn } from './entries';
import { namesIn } from './renames';
import type { Schema } from './schema';

/** The numbers of collections, indexes, TTLs, validators, views and reference documents in a schema. */
export interface SchemaSummary {
  readonly collections: number;
  /** The number of indexes, without those on `_id`. */
  readonly indexes: number;
  readonly ttls: number;
  readonly validators: number;
  readonly views: number;
  /** The number of reference documents by collection. */
  readonly documents: Readonly<Record<string, number>>;
}

export function summarize(schema: Schema): SchemaSummary {
  const documents = new Map<string, number>();
  for (const { place } of entries(schema, 'document')) {
    documents.set(place.collection, (documents.get(place.collection) ?? 0) + 1);
  }
  return {
    collections: entries(schema, 'collection').length,
    indexes: entries(schema, 'index').length,
    ttls: entries(schema, 'index.expireAfterSeconds').length,
    validators: entries(schema, 'validator').length,
    views: entries(schema, 'view').length,
    documents: Object.fromEntries(documents),
  };
}

/** Returns the keys of a schema's reference documents, by collection. `readSchema` needs these keys. */
export function documentKeys(schema: Schema): ReadonlyMap<string, readonly string[]> {
  return new Map(
    entries(schema, 'collection').map(({ place: { collection } }) => [
      collection,
      entriesIn(schema, collection, 'document').map(({ place }) => place.key),
    ]),
  );
}

/** Returns the keys of all reference documents that migrations insert or remove, by collection. */
export function documentKeysOf(
  migrations: readonly { readonly changes: readonly Change[] }[],
): ReadonlyMap<string, readonly string[]> {
  const keys = new Map<string, readonly string[]>();
  for (const change of migrations.flatMap(({ changes }) => changes)) {
    const { kind, place } = change;
    if (kind === 'document') keys.set(place.collection, [...(keys.get(place.collection) ?? []), place.key]);
    if (kind !== 'collection.name') continue;
    // Search under both names, because the collection may not be renamed yet.
    const both = namesIn(change).flatMap((name) => keys.get(name) ?? []);
    for (const name of both.length > 0 ? namesIn(change) : []) keys.set(name, both);
  }
  return keys;
}
