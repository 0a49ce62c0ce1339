import type { Document } from 'mongodb';
import { fromPlain, isPlainObject, type Plain, type PlainObject } from '../schema';

/** A field whose values the validator lists. */
export interface EnumField {
  readonly path: string;
  /** The number of allowed values. */
  readonly values: number;
  /** Matches documents with a value that is not allowed. */
  readonly outside: Document;
}

/** Turns a filter on an inner document, or a condition on an inner value, into a filter on documents of the collection. */
type Around = (filter: Document) => Document;

/** Returns the fields for which a validator lists the values, at any depth. */
export function enumsOf(validator: PlainObject): EnumField[] {
  const schema = validator['$jsonSchema'];
  return isPlainObject(schema) ? inDocument(schema, '', '', (filter) => filter) : [];
}

/** @param prefix the path of these properties within the document that `around` filters */
function inDocument({ properties }: PlainObject, path: string, prefix: string, around: Around): EnumField[] {
  if (!isPlainObject(properties)) return [];
  return Object.entries(properties).flatMap(([name, schema]) => {
    // Skip names with a dot or a leading `$`, which would mean something else in a path.
    if (!isPlainObject(schema) || name.includes('.') || name.startsWith('$')) return [];
    const [own, full] = [path === '' ? name : `${path}.${name}`, prefix + name];
    const match = (condition: Document) => around({ [full]: condition });
    return [...ofValue(schema, own, match), ...inDocument(schema, own, `${full}.`, around)];
  });
}

/** Returns the enum of a value, or of the items of an array. */
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
