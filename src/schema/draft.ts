import type { Kind, Location, NamedKind, Value } from './change';
import { deepFreeze } from './freeze';
import { convertContents, kindOf, kinds, rules } from './kinds/table';
import { sortedRecord } from './record';
import type { Contents, Index, Schema } from './schema';
import { SchemaError } from '../support/schema-error';

/** The contents of a name that a draft may write to. Its records are {@link writable}. */
export type DraftContents = { -readonly [Slot in keyof Contents]: Contents[Slot] };

/**
 * A schema that can still be written to. It stays private to one fold or one judgement: a copy of the schema for each
 * change would make a long history quadratic.
 */
export class Draft {
  readonly #names: Map<string, Contents>;
  /** Those of them that were copied, and so may be written to. */
  readonly #written = new Map<string, DraftContents>();

  constructor(schema: Schema) {
    this.#names = new Map(Object.entries(schema));
  }

  names(): string[] {
    return [...this.#names.keys()];
  }

  /** What kind of thing has a name; undefined when it is free. */
  kindOf(name: string): NamedKind | undefined {
    const contents = this.find(name);
    return contents && kindOf(contents);
  }

  indexesOf(collection: string): ReadonlyMap<string, Index> {
    return new Map(Object.entries(this.find(collection)?.indexes ?? {}));
  }

  /** What still lies in a collection, for a refusal to drop it: `a validator`, `the indexes a_1, b_1`. */
  contentsOf(name: string): string[] {
    const contents = this.find(name);
    return contents ? kinds.flatMap((kind) => rules[kind].inWords(contents) ?? []) : [];
  }

  /** The value at a place; undefined where nothing is. */
  get<K extends Kind>({ kind, place }: Location<K>): Value<K> | undefined {
    const rule = rules[kind];
    if (rule.findIn) return rule.findIn(this, place);
    const contents = this.find(place.collection);
    return contents && rule.find(contents, place);
  }

  /**
   * Puts a value at a place; an undefined one removes what is there.
   * @throws error when the place needs a collection that does not exist.
   */
  set<K extends Kind>({ kind, place }: Location<K>, value: Value<K> | undefined): void {
    rules[kind].set(this, place, value);
  }

  /** What a name holds, for the rules of its contents; undefined when it is free. */
  find(name: string): Contents | undefined {
    return this.#names.get(name);
  }

  /**
   * What a name holds, to be written to.
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

  /** Gives a free name its first contents. */
  add(name: string, contents: Contents): void {
    this.#names.set(name, contents);
  }

  /** Gives what a name holds to another one, which loses what it held. */
  rename(from: string, to: string): void {
    const [contents, written] = [this.find(from), this.#written.get(from)];
    if (!contents) return;
    this.remove(from);
    this.remove(to);
    this.#names.set(to, contents);
    if (written) this.#written.set(to, written);
  }

  /** Frees a name, whatever it holds. */
  remove(name: string): void {
    this.#names.delete(name);
    this.#written.delete(name);
  }

  /** The schema as it stands now, names sorted, frozen to the bottom. */
  finish(): Schema {
    const schema = sortedRecord(Object.fromEntries(this.#names), (contents) =>
      // What came out of a fold, and was not written to, is in order already.
      Object.isFrozen(contents) ? contents : convertContents(contents, (_kind, value) => value),
    );
    return deepFreeze(schema);
  }
}
