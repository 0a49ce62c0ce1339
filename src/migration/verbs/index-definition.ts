import type { Document } from 'mongodb';

/** An index to create, in MongoDB's own option names. */
export interface IndexDefinition {
  /** The name MongoDB would give it, so that a database made by hand can be adopted: an index cannot be renamed. */
  readonly name: string;
  /** The fields, in their order, each with its direction or kind. */
  readonly key: Readonly<Record<string, 1 | -1 | 'text' | 'hashed' | '2d' | '2dsphere'>>;
  /** The query that it is there for, in plain words. */
  readonly serves: string;
  /** Whether two documents with the same key are refused. */
  readonly unique?: boolean;
  /** Whether documents without the fields are left out. */
  readonly sparse?: boolean;
  /** Whether the query planner leaves it alone. */
  readonly hidden?: boolean;
  /** A document is deleted when its date in the field is older than that. Seconds. */
  readonly expireAfterSeconds?: number;
  /** Documents that do not match it are left out. */
  readonly partialFilterExpression?: Document;
  /** What it leaves out is filled in by its locale, as the server does it: `{ locale: 'en', strength: 2 }`. */
  readonly collation?: Document;
  /** Of a text index: how much each field counts; 1 unless given. */
  readonly weights?: Readonly<Record<string, number>>;
  /** Of a text index: the language of documents that do not say; English unless given. */
  readonly default_language?: string;
  /** Of a text index: the field that says the language of a document; `language` unless given. */
  readonly language_override?: string;
  /** Of a wildcard index on `$**`: the fields that it has, or leaves out. */
  readonly wildcardProjection?: Readonly<Record<string, 0 | 1>>;
  /** Of a 2d index: how exact it is, from 1 to 32. */
  readonly bits?: number;
  /** Of a 2d index: the smallest coordinate; -180 unless given. */
  readonly min?: number;
  /** Of a 2d index: the largest coordinate; 180 unless given. */
  readonly max?: number;
  /** Options of the storage engine: `{ wiredTiger: { configString: 'prefix_compression=false' } }` */
  readonly storageEngine?: Document;
}
