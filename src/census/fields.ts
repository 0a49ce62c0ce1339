import type { Schema, SchemaField, SchemaType } from 'mongodb-schema';
import { shareOf, type Share } from './share';

/** A field that documents have. `tags[]` is an item of an array, and `items[].price` a field of documents in an array. */
export interface SeenField {
  readonly path: string;
  /** The names on the path, without arrays. */
  readonly names: readonly string[];
  /**
   * The share of documents with the field, among the documents that could have the field. For `items[].price`, these are the documents in
   * `items[]`.
   */
  readonly presence: Share;
  /** The share of each type, by the server's name for it. */
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

/** Returns all fields that an analysis has found. Each field comes before the fields inside it. */
export function seenFields({ count, fields }: Schema, isAll: boolean): SeenField[] {
  return fieldsIn(fields, count, { path: '', names: [] }, isAll);
}

type Place = Pick<SeenField, 'path' | 'names'>;

function fieldsIn(fields: readonly SchemaField[], of: number, place: Place, isAll: boolean): SeenField[] {
  return fields.flatMap(({ name, count, types }) => {
    const own = { path: place.path === '' ? name : `${place.path}.${name}`, names: [...place.names, name] };
    // The library reports an absent field as type Undefined.
    const there = types.filter((type) => type.bsonType !== 'Undefined');
    return [
      { ...own, presence: shareOf(count, of, isAll), types: sharesOf(there, isAll) },
      ...inside(there, own, isAll),
    ];
  });
}

/** Returns the fields inside documents and arrays. */
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
