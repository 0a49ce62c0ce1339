import type { Kind, Location, NamedKind, Value } from './change';
import { deepFreeze } from './freeze';
import { convertContents, kindOf, kinds, rules } from './kinds/table';
import { sortedRecord } from './record';
import type { Contents, Index, Schema } from './schema';
import { SchemaError } from '../support/schema-error';

/** The contents of a collection or view, in a form that a draft may write to. The records in it are {@link writable}. */
export type DraftContents = { -readonly [Slot in keyof Contents]: Contents[Slot] };

/**
 * A schema that can be written to. Each fold or check has its own draft. Without drafts, the schema would be copied for each change,
 * which would take quadratic time for a long history.
 */
export class Draft {
  readonly #names: Map<string, Contents>;
  /** The names whose contents were copied, and therefore may be written to. */
  readonly #written = new Map<string, DraftContents>();

  constructor(schema: Schema) {
    this.#names = new Map(Object.entries(schema));
  }

  names(): string[] {
    return [...this.#names.keys()];
  }

  /** Returns whether a name belongs to a collection or a view; undefined when the name is free. */
  kindOf(name: string): NamedKind | undefined {
    const contents = this.find(name);
    return contents && kindOf(contents);
  }

  indexesOf(collection: string): ReadonlyMap<string, Index> {
    return new Map(Object.entries(this.find(collection)?.indexes ?? {}));
  }

  /** Describes what a collection still contains, to explain why it cannot be dropped: `a validator`, `the indexes a_1, b_1`. */
  contentsOf(name: string): string[] {
    const contents = this.find(name);
    return contents ? kinds.flatMap((kind) => rules[kind].inWords(contents) ?? []) : [];
  }

  /** Returns the value at a place; undefined when the place is empty. */
  get<K extends Kind>({ kind, place }: Location<K>): Value<K> | undefined {
    const rule = rules[kind];
    if (rule.findIn) return rule.findIn(this, place);
    const contents = this.find(place.collection);
    return contents && rule.find(contents, place);
  }

  /**
   * Sets the value at a place. The value undefined removes it.
   * @throws error when the place needs a collection that does not exist.
   */
  set<K extends Kind>({ kind, place }: Location<K>, value: Value<K> | undefined): void {
    rules[kind].set(this, place, value);
  }

  /** Returns the contents of a collection or view, for the rules of the kinds; undefined when the name is free. */
  find(name: string): Contents | undefined {
    return this.#names.get(name);
  }

  /**
   * Returns the contents of a collection or view for writing.
   * @throws error with code `FOLD` when the name is free.
   */
  existing(name: string): DraftContents {
    const before = this.find(name);
    if (!before) {
      throw new SchemaError('FOLD', `The collection ${name} does not exist`, {
        fix: 'create it with createCollections',
      });
    }
    const contents = this.#written.get(name) ?? { ...before };
    this.#names.set(name, contents);
    this.#written.set(name, contents);
    return contents;
  }

  /** Sets the contents of a name that was free. */
  add(name: string, contents: Contents): void {
    this.#names.set(name, contents);
  }

  /** Moves the contents of one name to another name. */
  rename(from: string, to: string): void {
    const [contents, written] = [this.find(from), this.#written.get(from)];
    if (!contents) return;
    this.remove(from);
    this.remove(to);
    this.#names.set(to, contents);
    if (written) this.#written.set(to, written);
  }

  /** Removes a name with all its contents. */
  remove(name: string): void {
    this.#names.delete(name);
    this.#written.delete(name);
  }

  /** Returns the current schema, with sorted names, deeply frozen. */
  finish(): Schema {
    const schema = sortedRecord(Object.fromEntries(this.#names), (contents) =>
      // The frozen result of an earlier fold is already sorted.
      Object.isFrozen(contents) ? contents : convertContents(contents, (_kind, value) => value),
    );
    return deepFreeze(schema);
  }
}
