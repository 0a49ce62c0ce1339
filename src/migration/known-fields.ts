import { isPlainObject, type Plain, type Validator } from '../schema';
import { nearest } from '../support/nearest';

/** A known field, with the known fields inside it. */
interface Known {
  readonly fields: Map<string, Known>;
  /** Whether a schema lists the fields inside this field. If so, any other name is probably a typo. */
  isListed: boolean;
}

/**
 * The fields of a collection that earlier migrations mention in a validator, an index or a data step. If a
 * `$jsonSchema` lists the fields of a document, other names are unknown. Otherwise every field may exist.
 */
export class KnownFields {
  readonly #root: Known = { fields: new Map(), isListed: false };

  /** Adds the fields of a validator. */
  addValidator({ validator }: Validator): void {
    for (const [name, value] of Object.entries(validator)) this.#addQuery(name, value);
  }

  #addQuery(name: string, value: Plain): void {
    if (name === '$jsonSchema') addSchema(this.#root, value);
    else if (name.startsWith('$')) this.#addOperand(value);
    else this.add(name.split('.'));
  }

  /** Adds the fields in `$and`, `$or` and `$expr`. */
  #addOperand(value: Plain): void {
    if (typeof value === 'string' && /^\$[^$]/.test(value)) this.add(value.slice(1).split('.'));
    if (Array.isArray(value)) for (const each of value as readonly Plain[]) this.#addOperand(each);
    if (isPlainObject(value)) for (const [name, each] of Object.entries(value)) this.#addQuery(name, each);
  }

  add(names: readonly string[]): void {
    names.reduce((known, name) => below(known, name), this.#root);
  }

  /** Returns whether a document may have the field. Returns false only if a schema lists the fields, and the field is not known. */
  has(names: readonly string[]): boolean {
    let known = this.#root;
    for (const name of names) {
      const next = known.fields.get(name);
      if (!next) return !known.isListed;
      known = next;
    }
    return true;
  }

  /** Returns all known paths. Each field comes before the fields inside it. */
  paths(): string[] {
    return [...pathsIn(this.#root, '')];
  }

  /** Returns the known field with the most similar path. */
  nearest(names: readonly string[]): string | undefined {
    return nearest(names.join('.'), pathsIn(this.#root, ''));
  }
}

function below({ fields }: Known, name: string): Known {
  const found = fields.get(name) ?? { fields: new Map<string, Known>(), isListed: false };
  fields.set(name, found);
  return found;
}

/** Adds the fields of a schema. Fields of array items count as fields of the array, because paths do not name the items. */
function addSchema(known: Known, schema: Plain): void {
  if (Array.isArray(schema)) for (const each of schema as readonly Plain[]) addSchema(known, each);
  if (!isPlainObject(schema)) return;
  const { properties, required, patternProperties, additionalProperties } = schema;
  if (isPlainObject(properties)) {
    // With patternProperties, or a schema for additional properties, any name is allowed.
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
