import { compareText } from './canonical';
import type { Place, PlaceValue } from './change';
import type { Collection, CollectionOptions, Index, PlainObject, Schema, Validator } from './schema';

interface DraftCollection {
  options: CollectionOptions;
  validator?: Validator | undefined;
  readonly indexes: Map<string, Index>;
  readonly documents: Map<string, PlainObject>;
}

/**
 * A schema that can still be written to. It stays private to one fold or one judgement: a copy of the schema for each
 * change would make a long history quadratic.
 */
export class Draft {
  readonly #collections = new Map<string, DraftCollection>();

  constructor(schema: Schema) {
    for (const [name, { options, validator, indexes, documents }] of Object.entries(schema)) {
      this.#collections.set(name, {
        options,
        validator,
        indexes: new Map(Object.entries(indexes)),
        documents: new Map(Object.entries(documents)),
      });
    }
  }

  hasCollection(name: string): boolean {
    return this.#collections.has(name);
  }

  indexesOf(collection: string): ReadonlyMap<string, Index> {
    return this.#collections.get(collection)?.indexes ?? new Map();
  }

  /** What still lies in a collection, for a refusal to drop it: `a validator`, `the indexes a_1, b_1`. */
  contentsOf(name: string): string[] {
    const collection = this.#collections.get(name);
    if (!collection) return [];
    return [
      ...(collection.validator ? ['a validator'] : []),
      ...(collection.indexes.size > 0 ? [`the indexes ${[...collection.indexes.keys()].join(', ')}`] : []),
      ...(collection.documents.size > 0 ? [`the reference documents ${[...collection.documents.keys()].join(', ')}`] : []),
    ];
  }

  /** The value at a place; undefined where nothing stands. */
  get(at: Place): PlaceValue | undefined {
    const collection = this.#collections.get(at[0]);
    if (!collection) return undefined;
    switch (at[1]) {
      case 'options':
        return collection.options;
      case 'validator':
        return collection.validator;
      case 'documents':
        return collection.documents.get(at[2]);
      case 'indexes': {
        const index = collection.indexes.get(at[2]);
        return at[3] === undefined ? index : index?.[at[3]];
      }
    }
  }

  /** Puts a value at a place; an undefined one takes away what is there. Only `options` may make a collection. */
  set(at: Place, value: PlaceValue | undefined): void {
    if (at[1] === 'options') {
      this.#setOptions(at[0], value as CollectionOptions | undefined);
      return;
    }
    const collection = this.#collections.get(at[0]);
    if (!collection) throw new Error(`The collection ${at[0]} does not exist; createCollections makes it.`);
    switch (at[1]) {
      case 'validator':
        collection.validator = value as Validator | undefined;
        break;
      case 'documents':
        put(collection.documents, at[2], value as PlainObject | undefined);
        break;
      case 'indexes':
        if (at[3] === undefined) put(collection.indexes, at[2], value as Index | undefined);
        else put(collection.indexes, at[2], withAttribute(collection.indexes.get(at[2]), at[3], value));
    }
  }

  #setOptions(name: string, options: CollectionOptions | undefined): void {
    const existing = this.#collections.get(name);
    if (options === undefined) this.#collections.delete(name);
    else if (existing) existing.options = options;
    else this.#collections.set(name, { options, indexes: new Map(), documents: new Map() });
  }

  /** The schema as it stands now, names sorted, frozen to the bottom. */
  finish(): Schema {
    const schema = sortedRecord(this.#collections, ({ options, validator, indexes, documents }): Collection => ({
      options,
      ...(validator && { validator }),
      indexes: sortedRecord(indexes),
      documents: sortedRecord(documents),
    }));
    return deepFreeze(schema);
  }
}

function put<T>(map: Map<string, T>, key: string, value: T | undefined): void {
  if (value === undefined) map.delete(key);
  else map.set(key, value);
}

function withAttribute(index: Index | undefined, attribute: string, value: PlaceValue | undefined): Index | undefined {
  if (!index) return undefined;
  const { [attribute]: _old, ...others } = index;
  return { ...(others as Index), ...(value !== undefined && { [attribute]: value }) };
}

function sortedRecord<T, R = T>(map: ReadonlyMap<string, T>, convert = (value: T) => value as unknown as R) {
  const entries = [...map].sort(([one], [other]) => compareText(one, other));
  return Object.fromEntries(entries.map(([key, value]) => [key, convert(value)]));
}

/** Freezes a value to the bottom; what is frozen already is taken to be frozen below as well. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const inner of Object.values(value)) deepFreeze(inner);
  return value;
}
