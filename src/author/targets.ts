import { KnownTargets, purposesOf, type Migration } from '../migration';
import { didYouMean } from '../support/nearest';
import { SchemaError } from '../support/schema-error';

/** A field of a new index, and its direction. */
export interface KeyField {
  readonly path: string;
  readonly direction: 1 | -1;
}

/** The schema that the existing migrations make, used to find mistyped names. */
export class Targets {
  readonly #known = new KnownTargets();
  readonly #purposes: ReadonlyMap<string, string>;

  constructor(migrations: readonly Migration[]) {
    for (const migration of migrations) this.#known.take(migration);
    this.#purposes = purposesOf(migrations);
  }

  /** Returns the newest `serves` text that the migrations contain for an index. */
  servesOf(collection: string, index: string): string {
    return this.#purposes.get(`${collection}.${index}`) ?? 'not known';
  }

  has(collection: string): boolean {
    return this.#known.collections().includes(collection);
  }

  /** @throws error with code `USAGE` for an unknown collection. The error suggests similar names. */
  checkCollection(option: string, name: string): void {
    const names = this.#known.collections();
    if (names.includes(name)) return;
    throw new SchemaError('USAGE', `No migration makes a collection ${name}${didYouMean(name, names)}`, {
      why: names.length === 0 ? 'there are no collections yet' : `the known collections are ${names.join(', ')}`,
      fix: `correct the name after ${option}, or make the collection first: \`new NAME --collection ${name}\``,
    });
  }

  /**
   * Parses `COLLECTION.FIELD[,FIELD…]`. A field followed by `:-1` is in descending order.
   * @throws error with code `USAGE` for a collection or a field that no migration mentions.
   */
  readKey(option: string, text: string, { undeclared = false } = {}): { collection: string; fields: KeyField[] } {
    const names = this.#known.collections();
    // The name of a collection may contain a dot, so the longest known name with which the text begins is used.
    const [collection] = names.filter((name) => text.startsWith(`${name}.`)).sort((a, b) => b.length - a.length);
    const rest = text.slice((collection ?? '').length + 1);
    if (collection === undefined || rest === '') {
      const [name = ''] = names.includes(text) ? [text] : text.split('.');
      this.checkCollection(option, name);
      throw new SchemaError('USAGE', `${option} names no field of ${name}`, {
        fix: `write the fields after a dot: ${option} ${name}.FIELD, or ${name}.FIELD,OTHER for an index on two fields`,
      });
    }
    const fields = rest.split(',').map(readField);
    if (!undeclared) for (const { path } of fields) this.#checkField(option, collection, path);
    return { collection, fields };
  }

  /**
   * Returns whether documents may already have a field: because a migration mentions it, or because nothing lists the fields of the
   * enclosing object.
   */
  mayHave(collection: string, path: string): boolean {
    return this.#known.fieldsOf(collection).has(path.split('.'));
  }

  #checkField(option: string, collection: string, path: string): void {
    const fields = this.#known.fieldsOf(collection);
    const names = path.split('.');
    if (path === '_id' || fields.has(names)) return;
    const near = fields.nearest(names);
    const suggestion = near === undefined ? '' : `; did you mean \`${near}\`?`;
    throw new SchemaError('USAGE', `${collection} has no field ${path}${suggestion}`, {
      why: 'no validator, index or data step mentions this field',
      fix: `correct the field after ${option}; if documents do have this field, add --undeclared`,
    });
  }
}

function readField(text: string): KeyField {
  const [, path = '', direction] = /^(.*?)(?::(-?1))?$/.exec(text.trim()) ?? [];
  return { path, direction: direction === '-1' ? -1 : 1 };
}
