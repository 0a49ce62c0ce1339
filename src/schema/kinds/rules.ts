import type { Kind, NamedKind, Place, Value, Within } from '../change';
import type { Draft } from '../draft';
import type { Contents } from '../schema';
import { nearest } from '../../support/nearest';

/** A place, and the value at this place. */
export interface Entry<K extends Kind> {
  readonly place: Place<K>;
  readonly value: Value<K>;
}

/** A missing prerequisite, such as a collection, and the verb that creates it. */
export interface Missing {
  /** A description: `the collection users`. */
  readonly what: string;
  readonly verb: string;
  /** The kind that has this name instead, such as a view. If set, the verb would be refused. */
  readonly instead?: NamedKind;
  /** An existing name that is similar. */
  readonly near?: string | undefined;
}

/** The rules of one kind that need no server. How a server makes changes of a kind, and the words for messages, are in other folders. */
export interface Rules<K extends Kind> {
  /** The kind that owns the name in a place: this kind itself if it has its own name in the database. */
  readonly within: Within<K>;

  find(contents: Contents, place: Place<K>): Value<K> | undefined;
  /** Returns the value at a place, for a kind whose value does not depend on the contents of a single collection or view. */
  findIn?(draft: Draft, place: Place<K>): Value<K> | undefined;
  entries(name: string, contents: Contents): readonly Entry<K>[];
  /** Returns only the part of the contents that is of this kind, with each value converted and the names sorted. */
  part(contents: Contents, convert: (value: Value<K>) => Value<K>): Contents;
  /** Sets a value. The value undefined removes it. */
  set(draft: Draft, place: Place<K>, value: Value<K> | undefined): void;

  /** Returns the canonical form of a value. This form is hashed in frozen.json, so it may never change. */
  canonical(value: Value<K>): Value<K>;
  equals(one: Value<K>, other: Value<K>): boolean;

  /** Returns the place as the list of texts that is hashed and stored. */
  wire(place: Place<K>): readonly string[];
  /** Returns the place for such a list; undefined when the list belongs to another kind. */
  fromWire(at: readonly string[]): Place<K> | undefined;
  /** Describes a place: `index users.email_1`. */
  describe(place: Place<K>): string;
  /** Describes what a collection contains of this kind, to explain why it cannot be dropped: `the indexes a_1, b_1`. */
  inWords(contents: Contents): string | undefined;

  /** Returns the other names that a value reads from; undefined for kinds whose values never read from other names. */
  readonly uses: ((value: Value<K>) => readonly string[]) | undefined;
  /**
   * Returns the prerequisite that is missing for a value at this place; undefined when nothing is missing. `from` is the value that a
   * change expects at the place.
   */
  missing(draft: Draft, place: Place<K>, from?: Value<K>): Missing | undefined;
  /** Returns why a value does not fit the rest of the schema; undefined when it fits. The value undefined means removal. */
  refusal(draft: Draft, place: Place<K>, value: Value<K> | undefined): string | undefined;
}

export function missingCollection(draft: Draft, collection: string): Missing | undefined {
  const instead = draft.kindOf(collection);
  if (instead === 'collection') return undefined;
  const missing = { what: `the collection ${collection}`, verb: 'createCollections' };
  if (instead !== undefined) return { ...missing, instead };
  const others = draft.names().filter((name) => draft.kindOf(name) === 'collection');
  return { ...missing, near: nearest(collection, others) };
}

/** Returns whether two values have the same text. */
export function sameText(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
