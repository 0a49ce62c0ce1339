import type { Change } from './change';
import type { Schema } from './schema';

/** How much there is of each kind of thing in a schema. */
export interface SchemaSummary {
  readonly collections: number;
  /** Without the ones on `_id`. */
  readonly indexes: number;
  readonly ttls: number;
  readonly validators: number;
  /** Reference documents by collection. */
  readonly documents: Readonly<Record<string, number>>;
}

export function summarize(schema: Schema): SchemaSummary {
  const collections = Object.entries(schema);
  const indexes = collections.flatMap(([, collection]) => Object.values(collection.indexes));
  const documents = collections.map(([name, collection]) => [name, Object.keys(collection.documents).length] as const);
  return {
    collections: collections.length,
    indexes: indexes.length,
    ttls: indexes.filter(({ expireAfterSeconds }) => expireAfterSeconds !== undefined).length,
    validators: collections.filter(([, { validator }]) => validator !== undefined).length,
    documents: Object.fromEntries(documents.filter(([, count]) => count > 0)),
  };
}

/** The keys of a schema's reference documents, by collection: what `readSchema` needs to look for them. */
export function documentKeys(schema: Schema): ReadonlyMap<string, readonly string[]> {
  return new Map(Object.entries(schema).map(([name, { documents }]) => [name, Object.keys(documents)]));
}

/** The keys of all reference documents that migrations insert or remove, by collection. */
export function documentKeysOf(
  migrations: readonly { readonly changes: readonly Change[] }[],
): ReadonlyMap<string, readonly string[]> {
  const keys = new Map<string, string[]>();
  for (const { at } of migrations.flatMap(({ changes }) => changes)) {
    if (at[1] === 'documents') keys.set(at[0], [...(keys.get(at[0]) ?? []), at[2]]);
  }
  return keys;
}
