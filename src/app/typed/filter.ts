import type { BSONRegExp, BSONTypeAlias, Binary, Decimal128, Document, Double, Int32, Long } from 'mongodb';
import type { FilterFields } from './fields';

/** A number in any BSON type. */
export type AnyNumber = number | bigint | Int32 | Double | Long | Decimal128;
type AnyPattern = RegExp | BSONRegExp;

/** The items of an array; any other type stays as it is. */
type Items<Value> = Value extends readonly (infer Item)[] ? Item : Value;
type Has<Value, Wanted> = unknown extends Value ? true : Extract<Items<Value>, Wanted> extends never ? false : true;
type HasList<Value> = unknown extends Value ? true : Extract<Value, readonly unknown[]> extends never ? false : true;
/** `Type` when `Is` is true, otherwise `never`. */
type When<Is extends boolean, Type> = true extends Is ? Type : never;

/** A value to search for. Null also matches an absent field. */
type Sought<Value> = Value | Items<Value> | When<Has<Value, number>, AnyNumber> | null;
/** A value for `$gt`, `$gte`, `$lt` and `$lte`. A field with an enum of texts may be compared with any text. */
type Compared<Value> = Sought<Value> | When<Has<Value, string>, string>;

/** The operators of a filter on one field. */
export interface FieldOperators<Value> {
  $eq?: Sought<Value>;
  $ne?: Sought<Value>;
  $gt?: Compared<Value>;
  $gte?: Compared<Value>;
  $lt?: Compared<Value>;
  $lte?: Compared<Value>;
  $in?: readonly (Sought<Value> | When<Has<Value, string>, AnyPattern>)[];
  $nin?: readonly (Sought<Value> | When<Has<Value, string>, AnyPattern>)[];
  $not?: FieldOperators<Value> | When<Has<Value, string>, AnyPattern>;
  $exists?: boolean;
  $type?: BSONTypeAlias | number | readonly (BSONTypeAlias | number)[];
  $regex?: When<Has<Value, string>, string | AnyPattern>;
  $options?: When<Has<Value, string>, string>;
  $mod?: When<Has<Value, number>, readonly [AnyNumber, AnyNumber]>;
  $bitsAllClear?: When<Has<Value, number>, number | readonly number[] | Binary>;
  $bitsAllSet?: When<Has<Value, number>, number | readonly number[] | Binary>;
  $bitsAnyClear?: When<Has<Value, number>, number | readonly number[] | Binary>;
  $bitsAnySet?: When<Has<Value, number>, number | readonly number[] | Binary>;
  $all?: readonly (Sought<Value> | When<Has<Value, string>, AnyPattern> | { $elemMatch: ItemFilter<Items<Value>> })[];
  $size?: When<HasList<Value>, number>;
  $elemMatch?: When<HasList<Value>, ItemFilter<Items<Value>>>;
  $geoIntersects?: Document;
  $geoWithin?: Document;
  $near?: Document;
  $nearSphere?: Document;
  $maxDistance?: number;
  $minDistance?: number;
}

/** The argument of `$elemMatch`: fields of an object, or operators on a value. */
type ItemFilter<Item> = unknown extends Item
  ? Document
  : Item extends object
    ? DocumentFilter<Item> | FieldOperators<Item>
    : FieldOperators<Item>;

/** The condition on one field of a filter. */
export type Condition<Value> = Sought<Value> | When<Has<Value, string>, AnyPattern> | FieldOperators<Value>;

interface RootOperators<Type> {
  $and?: readonly DocumentFilter<Type>[];
  $or?: readonly DocumentFilter<Type>[];
  $nor?: readonly DocumentFilter<Type>[];
  $expr?: unknown;
  $text?: { $search: string; $language?: string; $caseSensitive?: boolean; $diacriticSensitive?: boolean };
  $where?: string | ((this: Type) => boolean);
  $jsonSchema?: Document;
  $comment?: unknown;
  $sampleRate?: number;
}

/**
 * A filter that may only name fields of the type, with values that fit them. When the type allows fields of any name, so does the filter.
 * @category Connecting
 */
export type DocumentFilter<Type> = {
  [Path in keyof FilterFields<Type>]?: Condition<FilterFields<Type>[Path]>;
} & RootOperators<Type>;
