import type { Kind, Place, Value } from './change';
import { rules, type Entry } from './kinds/table';
import { own } from './record';
import type { Schema } from './schema';

/** Returns all entries of a kind in a schema, in the order of the schema. */
export function entries<K extends Kind>(schema: Schema, kind: K): Entry<K>[] {
  return Object.keys(schema).flatMap((name) => entriesIn(schema, name, kind));
}

/** Returns all entries of a kind in one collection of a schema; an empty list when there is no such collection. */
export function entriesIn<K extends Kind>(schema: Schema, name: string, kind: K): readonly Entry<K>[] {
  const collection = own(schema, name);
  return collection ? rules[kind].entries(name, collection) : [];
}

/** Returns the value at a place of a schema; undefined when the place is empty. */
export function find<K extends Kind>(schema: Schema, kind: K, place: Place<K>): Value<K> | undefined {
  const collection = own(schema, place.collection);
  return collection && rules[kind].find(collection, place);
}
