/** Plain data, as JSON holds it. BSON types stand in it as relaxed Extended JSON: `{ $oid: '…' }`, `{ $date: '…' }`. */
export type Plain = null | boolean | number | string | readonly Plain[] | PlainObject;
export interface PlainObject {
  readonly [name: string]: Plain;
}

/**
 * Options that a collection is created with, in MongoDB's own names. Never a validator: that is a place of its own.
 * @see https://www.mongodb.com/docs/v7.0/reference/command/create/
 */
export type CollectionOptions = PlainObject;

/** A collection's validator. An absent level means `strict`, an absent action `error`: the server's defaults. */
export interface Validator {
  readonly validator: PlainObject;
  readonly validationLevel?: 'moderate' | 'off';
  readonly validationAction?: 'warn';
}

/**
 * An index in canonical form: MongoDB's own option names, server defaults omitted. The order of names in `key` counts.
 * The fields of a text index stand in `key` in alphabetical order; `weights` names those that do not weigh 1.
 * An absent collation means the simple one.
 */
export interface Index {
  readonly key: Readonly<Record<string, number | string>>;
  readonly unique?: true;
  readonly sparse?: true;
  readonly hidden?: true;
  readonly prepareUnique?: true;
  /** Seconds. */
  readonly expireAfterSeconds?: number;
  readonly partialFilterExpression?: PlainObject;
  readonly collation?: PlainObject;
  readonly weights?: Readonly<Record<string, number>>;
  readonly default_language?: string;
  readonly language_override?: string;
  readonly [option: string]: unknown;
}

/**
 * A view. An absent collation means the simple one. The order of names in a stage counts, as it does in `$sort`.
 * @see https://www.mongodb.com/docs/v7.0/core/views/
 */
export interface View extends PlainObject {
  readonly viewOn: string;
  readonly pipeline: readonly PlainObject[];
  readonly collation?: PlainObject;
}

/** What a schema holds under a name: a slot for each kind. Everything but the rules of the kinds reads it by `entries` and `find`. */
export interface Contents {
  readonly options?: CollectionOptions;
  readonly validator?: Validator;
  /** By name; the index on `_id` is not among them. */
  readonly indexes?: Readonly<Record<string, Index>>;
  /** Reference documents by {@link documentKey}: rows that migrations own. User data is never part of a schema. */
  readonly documents?: Readonly<Record<string, PlainObject>>;
  readonly view?: View;
}

/** The contents of a collection. */
export interface Collection extends Contents {
  readonly options: CollectionOptions;
  readonly indexes: Readonly<Record<string, Index>>;
  readonly documents: Readonly<Record<string, PlainObject>>;
}

/** What a database is meant to look like, or looks like, by name. */
export type Schema = Readonly<Record<string, Contents>>;

export const emptySchema: Schema = Object.freeze({});
