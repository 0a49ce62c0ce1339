/**
 * The fields of a document with their paths, as types. A document's table is made once, however many filters are written: the
 * compiler's time goes here.
 */

/** What holds no fields that a path could name. */
type Leaf = string | number | boolean | bigint | symbol | Date | RegExp | Uint8Array | { readonly _bsontype: string };

/** A field: its path, what it holds, and whether a document may lack it. */
interface Entry<Path extends string = string, Value = unknown, IsOptional extends boolean = boolean> {
  path: Path;
  value: Value;
  isOptional: IsOptional;
}

/** How a path names items of a list: by place in both; in a filter also without a place, which is any of them. */
type Places = { filter: number; update: number | '$' | '$[]' | `$[${string}]` };
type Use = keyof Places;

type Optional<Type, Key extends keyof Type> = Pick<Type, Key> extends Required<Pick<Type, Key>> ? false : true;
type Present<Type> = Exclude<Type, undefined>;

/** Below this depth a path may be any: a type that holds itself would have no end. */
type Depth = readonly unknown[];
type Deeper<At extends Depth> = readonly [...At, unknown];

/** Every field below a value. */
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

/** Path → what is there, of every field that a filter may name. */
export type FilterFields<Type> = { [Field in Below<Type, '', 'filter', []> as Field['path']]: Field['value'] };

/** Every field that an update may name; the _id of a document never changes. */
type UpdateEntry<Type> = Below<Omit<Type, '_id'>, '', 'update', []>;
export type UpdateFields<Type> = { [Field in UpdateEntry<Type> as Field['path']]: Field['value'] };
/** Those of them that a document may lack. */
export type OptionalFields<Type> = {
  [Field in UpdateEntry<Type> as Field['isOptional'] extends false ? never : Field['path']]: Field['value'];
};

/** Of a table of fields those that hold a value of a type. */
export type FieldsWith<Fields, Wanted> = {
  [
    Path in keyof Fields as unknown extends Fields[Path]
      ? Path
      : Extract<Fields[Path], Wanted> extends never
        ? never
        : Path
  ]: Fields[Path];
};
