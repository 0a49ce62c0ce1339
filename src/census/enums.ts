import type { Document } from 'mongodb';
import { fromPlain, isPlainObject, type Plain, type PlainObject } from '../schema';

/** A field that takes some values alone. */
export interface EnumField {
  readonly path: string;
  /** How many values it takes. */
  readonly values: number;
  /** Matches documents in which it has another value. */
  readonly outside: Document;
}

/** Makes a filter of the documents of a collection from one of a document in them, or from a condition on a value in them. */
type Around = (filter: Document) => Document;

/** The fields that a validator lists the values of, at any depth. */
export function enumsOf(validator: PlainObject): EnumField[] {
  const schema = validator['$jsonSchema'];
  return isPlainObject(schema) ? inDocument(schema, '', '', (filter) => filter) : [];
}

/** @param prefix leads to it from the document that `around` takes a filter of. */
function inDocument({ properties }: PlainObject, path: string, prefix: string, around: Around): EnumField[] {
  if (!isPlainObject(properties)) return [];
  return Object.entries(properties).flatMap(([name, schema]) => {
    // A path with such a name would lead elsewhere.
    if (!isPlainObject(schema) || name.includes('.') || name.startsWith('$')) return [];
    const [own, full] = [path === '' ? name : `${path}.${name}`, prefix + name];
    const match = (condition: Document) => around({ [full]: condition });
    return [...ofValue(schema, own, match), ...inDocument(schema, own, `${full}.`, around)];
  });
}

/** What a value may be, or the items of an array. */
function ofValue({ enum: values, items }: PlainObject, path: string, match: Around): EnumField[] {
  const own = Array.isArray(values) ? [enumField(path, values as readonly Plain[], match)] : [];
  if (!isPlainObject(items)) return own;
  const inItems = (condition: Document) => match({ $elemMatch: condition });
  const of = `${path}[]`;
  return [...own, ...ofValue(items, of, inItems), ...inDocument(items, of, '', inItems)];
}

function enumField(path: string, values: readonly Plain[], match: Around): EnumField {
  const { in: all } = fromPlain({ in: values }) as { in: unknown[] };
  return { path, values: values.length, outside: match({ $exists: true, $nin: all }) };
}
