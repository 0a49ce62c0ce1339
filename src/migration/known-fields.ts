import { isPlainObject, type Plain, type Validator } from '../schema';
import { nearest } from '../support/nearest';

/** A field, and what is known below it. */
interface Known {
  readonly fields: Map<string, Known>;
  /** Whether a schema lists the fields here, so that another name is more likely a typo than a field. */
  isListed: boolean;
}

/**
 * The fields of a collection that anything before a migration speaks of: a validator, an index, a data step. Where a
 * `$jsonSchema` lists the fields of a document, a field that nothing speaks of is unknown; anywhere else, all may be there.
 */
export class KnownFields {
  readonly #root: Known = { fields: new Map(), isListed: false };

  /** Takes in the fields that a validator names. */
  addValidator({ validator }: Validator): void {
    for (const [name, value] of Object.entries(validator)) this.#addQuery(name, value);
  }

  #addQuery(name: string, value: Plain): void {
    if (name === '$jsonSchema') addSchema(this.#root, value);
    else if (name.startsWith('$')) this.#addOperand(value);
    else this.add(name.split('.'));
  }

  /** What `$and`, `$or` and `$expr` hold. */
  #addOperand(value: Plain): void {
    if (typeof value === 'string' && /^\$[^$]/.test(value)) this.add(value.slice(1).split('.'));
    if (Array.isArray(value)) for (const each of value as readonly Plain[]) this.#addOperand(each);
    if (isPlainObject(value)) for (const [name, each] of Object.entries(value)) this.#addQuery(name, each);
  }

  add(names: readonly string[]): void {
    names.reduce((known, name) => below(known, name), this.#root);
  }

  /** Whether a document may have the field, as far as is known. */
  has(names: readonly string[]): boolean {
    let known = this.#root;
    for (const name of names) {
      const next = known.fields.get(name);
      if (!next) return !known.isListed;
      known = next;
    }
    return true;
  }

  /** All that is known, each before those in it. */
  paths(): string[] {
    return [...pathsIn(this.#root, '')];
  }

  /** The known field whose path comes nearest. */
  nearest(names: readonly string[]): string | undefined {
    return nearest(names.join('.'), pathsIn(this.#root, ''));
  }
}

function below({ fields }: Known, name: string): Known {
  const found = fields.get(name) ?? { fields: new Map<string, Known>(), isListed: false };
  fields.set(name, found);
  return found;
}

/** The items of an array count as what the array holds: a path leads through both. */
function addSchema(known: Known, schema: Plain): void {
  if (Array.isArray(schema)) for (const each of schema as readonly Plain[]) addSchema(known, each);
  if (!isPlainObject(schema)) return;
  const { properties, required, patternProperties, additionalProperties } = schema;
  if (isPlainObject(properties)) {
    // Names that follow a pattern, or a rule for all other names, make it a map of names that nobody lists.
    known.isListed ||= patternProperties === undefined && !isPlainObject(additionalProperties);
    for (const [name, each] of Object.entries(properties)) addSchema(below(known, name), each);
  }
  if (Array.isArray(required)) for (const name of required as readonly string[]) below(known, name);
  for (const inner of ['items', 'allOf', 'anyOf', 'oneOf', 'not'] as const) addSchema(known, schema[inner] ?? null);
}

function* pathsIn({ fields }: Known, prefix: string): Generator<string> {
  for (const [name, known] of fields) {
    yield prefix + name;
    yield* pathsIn(known, `${prefix}${name}.`);
  }
}
