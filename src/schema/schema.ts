/** Plain JSON data. BSON types are relaxed Extended JSON: `{ $oid: '…' }`, `{ $date: '…' }`. */
export type Plain = null | boolean | number | string | readonly Plain[] | PlainObject;
export interface PlainObject {
  readonly [name: string]: Plain;
}

/**
 * The options of a collection, with MongoDB's own names. They never include the validator, which is a separate kind.
 * @see https://www.mongodb.com/docs/v7.0/reference/command/create/
 */
export type CollectionOptions = PlainObject;

/** A collection's validator. The defaults are the server's: level `strict`, action `error`. */
export interface Validator {
  readonly validator: PlainObject;
  readonly validationLevel?: 'moderate' | 'off';
  readonly validationAction?: 'warn';
}

/**
 * An index in canonical form: MongoDB's own option names, without server defaults. The order of names in `key` matters.
 * The fields of a text index are in `key` in alphabetical order. `weights` lists the fields whose weight is not 1.
 * Without a collation, the index compares text by the simple collation.
 */
export interface Index {
  readonly key: Readonly<Record<string, number | string>>;
  readonly unique?: true;
  readonly sparse?: true;
  readonly hidden?: true;
  readonly prepareUnique?: true;
  /** In seconds. */
  readonly expireAfterSeconds?: number;
  readonly partialFilterExpression?: PlainObject;
  readonly collation?: PlainObject;
  readonly weights?: Readonly<Record<string, number>>;
  readonly default_language?: string;
  readonly language_override?: string;
  readonly [option: string]: unknown;
}

/**
 * A view. Without a collation, it compares text by the simple collation. The order of names in a stage matters, as in `$sort`.
 * @see https://www.mongodb.com/docs/v7.0/core/views/
 */
export interface View extends PlainObject {
  readonly viewOn: string;
  readonly pipeline: readonly PlainObject[];
  readonly collation?: PlainObject;
}

/**
 * A collection or view in a schema, with a property for each kind. Only the rules of the kinds access it directly; other code uses
 * `entries` and `find`.
 */
export interface Contents {
  readonly options?: CollectionOptions;
  readonly validator?: Validator;
  /** Indexes by name, without the index on `_id`. */
  readonly indexes?: Readonly<Record<string, Index>>;
  /** Reference documents, which migrations own, by {@link documentKey}. User data is never part of a schema. */
  readonly documents?: Readonly<Record<string, PlainObject>>;
  readonly view?: View;
}

/** The contents of a collection. */
export interface Collection extends Contents {
  readonly options: CollectionOptions;
  readonly indexes: Readonly<Record<string, Index>>;
  readonly documents: Readonly<Record<string, PlainObject>>;
}

/** The schema of a database, planned or real: the contents of each collection and view, by its name. */
export type Schema = Readonly<Record<string, Contents>>;

export const emptySchema: Schema = Object.freeze({});
