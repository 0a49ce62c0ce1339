/**
 * Types that list the fields of a document by path. The compiler computes the list of a document type only once for all filters, because
 * this takes most of its time.
 */

/** A value without fields that a path could name. */
type Leaf = string | number | boolean | bigint | symbol | Date | RegExp | Uint8Array | { readonly _bsontype: string };

/** A field: its path, its type, and whether a document may lack it. */
interface Entry<Path extends string = string, Value = unknown, IsOptional extends boolean = boolean> {
  path: Path;
  value: Value;
  isOptional: IsOptional;
}

/** How a path refers to items of an array: by index. A filter may also leave the index out, to match any item. */
type Places = { filter: number; update: number | '$' | '$[]' | `$[${string}]` };
type Use = keyof Places;

type Optional<Type, Key extends keyof Type> = Pick<Type, Key> extends Required<Pick<Type, Key>> ? false : true;
type Present<Type> = Exclude<Type, undefined>;

/** The depth of a field, as the length of a tuple. Below depth 8, any path is allowed, because a recursive type would have no end. */
type Depth = readonly unknown[];
type Deeper<At extends Depth> = readonly [...At, unknown];

/** Every field inside a value. */
type Below<Type, Prefix extends string, For extends Use, At extends Depth> = Type extends Leaf | null | undefined
  ? never
  : Type extends readonly (infer Item)[]
    ? InList<Item, Prefix, For, At>
    : Type extends object
      ? InObject<Type, Prefix, For, At>
      : never;

type InObject<Type, Prefix extends string, For extends Use, At extends Depth> = string extends keyof Type
  ? Entry<`${Prefix}${string}`, unknown, true>
  : At['length'] extends 8
    ? Entry<`${Prefix}${string}`, unknown, true>
    : {
        [Key in keyof Type & string]:
          | Entry<`${Prefix}${Key}`, Present<Type[Key]>, Optional<Type, Key>>
          | Below<Present<Type[Key]>, `${Prefix}${Key}.`, For, Deeper<At>>;
      }[keyof Type & string];

type InList<Item, Prefix extends string, For extends Use, At extends Depth> =
  | Entry<`${Prefix}${Places[For]}`, Item, false>
  | Below<Item, `${Prefix}${Places[For]}.`, For, Deeper<At>>
  | (For extends 'filter' ? Below<Item, Prefix, For, Deeper<At>> : never);

/** The type of each field that a filter may name, by path. */
export type FilterFields<Type> = { [Field in Below<Type, '', 'filter', []> as Field['path']]: Field['value'] };

/** Every field that an update may name. The `_id` of a document cannot change. */
type UpdateEntry<Type> = Below<Omit<Type, '_id'>, '', 'update', []>;
export type UpdateFields<Type> = { [Field in UpdateEntry<Type> as Field['path']]: Field['value'] };
/** The fields that a document may lack. */
export type OptionalFields<Type> = {
  [Field in UpdateEntry<Type> as Field['isOptional'] extends false ? never : Field['path']]: Field['value'];
};

/** The properties of `Fields` whose value can have the type `Wanted`. */
export type FieldsWith<Fields, Wanted> = {
  [
    Path in keyof Fields as unknown extends Fields[Path]
      ? Path
      : Extract<Fields[Path], Wanted> extends never
        ? never
        : Path
  ]: Fields[Path];
};
