import type { Document } from 'mongodb';

/** The part of $jsonSchema that our validators use. */
export interface JsonSchema {
  readonly bsonType: string | readonly string[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly enum?: readonly string[];
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly multipleOf?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly uniqueItems?: boolean;
}

export type Path = readonly (string | number)[];

export interface Place {
  readonly path: Path;
  readonly schema: JsonSchema;
}

/** Every place below a schema, outermost first; an array's items stand at 0. */
export function* placesIn(schema: JsonSchema, path: Path = []): Generator<Place> {
  const inner: [string | number, JsonSchema][] = Object.entries(schema.properties ?? {});
  if (schema.items) inner.push([0, schema.items]);
  for (const [name, part] of inner) {
    yield { path: [...path, name], schema: part };
    yield* placesIn(part, [...path, name]);
  }
}

export function valueAt(document: unknown, path: Path): unknown {
  return path.reduce<unknown>((value, name) => (value as Document)[name], document);
}

/** A copy with another value at a place; the original stays as it was, and the copy shares all other values. */
export function withValue<T>(document: T, path: Path, value: unknown): T {
  return edited(document, path, (parent, name) => {
    parent[name] = value;
  });
}

export function withoutValue<T>(document: T, path: Path): T {
  return edited(document, path, (parent, name) => {
    if (Array.isArray(parent)) parent.splice(Number(name), 1);
    else Reflect.deleteProperty(parent, name);
  });
}

function edited<T>(document: T, [name, ...rest]: Path, edit: (parent: Document, name: string | number) => void): T {
  if (name === undefined) throw new Error('a path names at least one field');
  const copy = (Array.isArray(document) ? [...(document as unknown[])] : { ...document }) as Document;
  if (rest.length === 0) edit(copy, name);
  else copy[name] = edited(copy[name] as Document, rest, edit);
  return copy as T;
}
