import type { Double, Int32, Long, Timestamp } from 'mongodb';
import type { FieldsWith, OptionalFields, UpdateFields } from './fields';
import type { Condition, DocumentFilter } from './filter';

type Num = number | bigint | Int32 | Double | Long;

/** The value that a field is set to. Numbers may also be objects of the driver's classes, such as `Int32`. */
type Stored<Value> = Value | (unknown extends Value ? never : Extract<Value, number> extends never ? never : Num);
type ItemOf<Value> = unknown extends Value ? unknown : Value extends readonly (infer Item)[] ? Item : never;

/**
 * An object type with one property for each field. If there are no fields, every property is `never`: otherwise, the compiler would accept
 * any property.
 */
type Table<Fields> = [keyof Fields] extends [never] ? { readonly [path: string]: never } : Fields;
type SetTo<Fields> = Table<{ [Path in keyof Fields]?: Stored<Fields[Path]> }>;
type Each<Fields, To> = Table<{ [Path in keyof Fields]?: To }>;
type Lists<Type> = FieldsWith<UpdateFields<Type>, readonly unknown[]>;
type Numbers<Type> = FieldsWith<UpdateFields<Type>, number>;
type Dates<Type> = FieldsWith<UpdateFields<Type>, Date | Timestamp>;

interface Pushed<Item> {
  $each: readonly Stored<Item>[];
  $slice?: number;
  $sort?: 1 | -1 | Readonly<Record<string, 1 | -1>>;
  $position?: number;
}
/** An item to remove: its value, a condition, or a filter on its fields. */
type Pulled<Item> = Condition<Item> | (Item extends object ? DocumentFilter<Item> : never);

type PushTo<Fields> = Table<{
  [Path in keyof Fields]?: Stored<ItemOf<Fields[Path]>> | Pushed<ItemOf<Fields[Path]>>;
}>;
type AddTo<Fields> = Table<{
  [Path in keyof Fields]?: Stored<ItemOf<Fields[Path]>> | Pick<Pushed<ItemOf<Fields[Path]>>, '$each'>;
}>;
type PullFrom<Fields> = Table<{ [Path in keyof Fields]?: Pulled<ItemOf<Fields[Path]>> }>;
type PullAllFrom<Fields> = Table<{ [Path in keyof Fields]?: readonly Stored<ItemOf<Fields[Path]>>[] }>;

interface UpdateOperators<Type> {
  $set?: SetTo<UpdateFields<Type>>;
  $setOnInsert?: SetTo<UpdateFields<Type> & (Type extends { _id: infer Id } ? { _id: Id } : unknown)>;
  $unset?: Each<OptionalFields<Type>, '' | true | 1>;
  $rename?: Each<OptionalFields<Type>, string>;
  $inc?: Each<Numbers<Type>, Num>;
  $mul?: Each<Numbers<Type>, Num>;
  $min?: SetTo<UpdateFields<Type>>;
  $max?: SetTo<UpdateFields<Type>>;
  $bit?: Each<Numbers<Type>, { and: Num } | { or: Num } | { xor: Num }>;
  $currentDate?: Each<Dates<Type>, true | { $type: 'date' | 'timestamp' }>;
  $push?: PushTo<Lists<Type>>;
  $addToSet?: AddTo<Lists<Type>>;
  $pull?: PullFrom<Lists<Type>>;
  $pullAll?: PullAllFrom<Lists<Type>>;
  $pop?: Each<Lists<Type>, 1 | -1>;
}

/**
 * An update that may only name fields of the type, with values that fit them. A field that every document has cannot be unset.
 * @category Connecting
 */
export type DocumentUpdate<Type> = UpdateOperators<Type>;
