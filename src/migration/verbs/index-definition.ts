import type { Document } from 'mongodb';

/** An index to create. The options have MongoDB's own names. */
export interface IndexDefinition {
  /**
   * The name of the index. Use MongoDB's default name, so that a database that was made by hand has the same names. An index cannot be
   * renamed.
   */
  readonly name: string;
  /** The fields in order, each with its direction or kind. */
  readonly key: Readonly<Record<string, 1 | -1 | 'text' | 'hashed' | '2d' | '2dsphere'>>;
  /** The query that the index serves, in plain words. */
  readonly serves: string;
  /** Whether documents with the same key are refused. */
  readonly unique?: boolean;
  /** Whether documents without the fields are left out of the index. */
  readonly sparse?: boolean;
  /** Whether the query planner ignores the index. */
  readonly hidden?: boolean;
  /** Documents are deleted when the date in the field is older than this many seconds. */
  readonly expireAfterSeconds?: number;
  /** Documents that do not match this filter are left out of the index. */
  readonly partialFilterExpression?: Document;
  /** The collation. Options that you omit get the defaults of the locale, as on the server: `{ locale: 'en', strength: 2 }`. */
  readonly collation?: Document;
  /** For a text index: the weight of each field; 1 by default. */
  readonly weights?: Readonly<Record<string, number>>;
  /** For a text index: the language of documents that name no language; English by default. */
  readonly default_language?: string;
  /** For a text index: the field that names the language of a document; `language` by default. */
  readonly language_override?: string;
  /** For a wildcard index on `$**`: the fields that the index includes or excludes. */
  readonly wildcardProjection?: Readonly<Record<string, 0 | 1>>;
  /** For a 2d index: its precision, from 1 to 32. */
  readonly bits?: number;
  /** For a 2d index: the smallest coordinate; -180 by default. */
  readonly min?: number;
  /** For a 2d index: the largest coordinate; 180 by default. */
  readonly max?: number;
  /** Options of the storage engine: `{ wiredTiger: { configString: 'prefix_compression=false' } }` */
  readonly storageEngine?: Document;
}
