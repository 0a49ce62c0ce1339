import type { Kind, Place, Value } from './change';
import { rules, type Entry } from './kinds/table';
import { own } from './record';
import type { Schema } from './schema';

/** Everything of a kind that a schema holds, in the order of the schema. */
export function entries<K extends Kind>(schema: Schema, kind: K): Entry<K>[] {
  return Object.keys(schema).flatMap((name) => entriesIn(schema, name, kind));
}

/** Everything of a kind that one collection of a schema holds; nothing when the schema has no such collection. */
export function entriesIn<K extends Kind>(schema: Schema, name: string, kind: K): readonly Entry<K>[] {
  const collection = own(schema, name);
  return collection ? rules[kind].entries(name, collection) : [];
}

/** The value at a place of a schema; undefined where nothing is. */
export function find<K extends Kind>(schema: Schema, kind: K, place: Place<K>): Value<K> | undefined {
  const collection = own(schema, place.collection);
  return collection && rules[kind].find(collection, place);
}
