import type { Schema, SchemaField, SchemaType } from 'mongodb-schema';
import { shareOf, type Share } from './share';

/** A field that documents have. `tags[]` is what an array holds, and `items[].price` a field of the documents in one. */
export interface SeenField {
  readonly path: string;
  /** The names that lead to it, without the arrays between. */
  readonly names: readonly string[];
  /** Of the documents that could have it: of those in `items[]` for `items[].price`. */
  readonly presence: Share;
  /** By how the server names the type. */
  readonly types: Readonly<Record<string, Share>>;
}

const serverNames: Readonly<Record<string, string>> = {
  Array: 'array',
  Binary: 'binData',
  Boolean: 'bool',
  BSONRegExp: 'regex',
  BSONSymbol: 'symbol',
  Code: 'javascript',
  CodeWScope: 'javascriptWithScope',
  Date: 'date',
  DBRef: 'object',
  Decimal128: 'decimal',
  Document: 'object',
  Double: 'double',
  Int32: 'int',
  Long: 'long',
  MaxKey: 'maxKey',
  MinKey: 'minKey',
  Null: 'null',
  ObjectId: 'objectId',
  String: 'string',
  Timestamp: 'timestamp',
  Undefined: 'undefined',
};

/** All fields that an analysis has found, each before those in it. */
export function seenFields({ count, fields }: Schema, isAll: boolean): SeenField[] {
  return fieldsIn(fields, count, { path: '', names: [] }, isAll);
}

type Place = Pick<SeenField, 'path' | 'names'>;

function fieldsIn(fields: readonly SchemaField[], of: number, place: Place, isAll: boolean): SeenField[] {
  return fields.flatMap(({ name, count, types }) => {
    const own = { path: place.path === '' ? name : `${place.path}.${name}`, names: [...place.names, name] };
    // What the library calls undefined is a field that is not there.
    const there = types.filter((type) => type.bsonType !== 'Undefined');
    return [
      { ...own, presence: shareOf(count, of, isAll), types: sharesOf(there, isAll) },
      ...inside(there, own, isAll),
    ];
  });
}

/** What documents and arrays hold. */
function inside(types: readonly SchemaType[], place: Place, isAll: boolean): SeenField[] {
  return types.flatMap((type) => {
    if ('fields' in type) return fieldsIn(type.fields, type.count, place, isAll);
    if (!('types' in type)) return [];
    const items = { ...place, path: `${place.path}[]` };
    const seen = {
      ...items,
      presence: shareOf(type.totalCount, type.totalCount, true),
      types: sharesOf(type.types, isAll),
    };
    return [...(type.types.length === 0 ? [] : [seen]), ...inside(type.types, items, isAll)];
  });
}

function sharesOf(types: readonly SchemaType[], isAll: boolean): Record<string, Share> {
  const total = types.reduce((sum, { count }) => sum + count, 0);
  const named = types.map(({ bsonType, count }) => [serverNames[bsonType] ?? bsonType, shareOf(count, total, isAll)]);
  return Object.fromEntries(named) as Record<string, Share>;
}
