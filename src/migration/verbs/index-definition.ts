import type { Document } from 'mongodb';

/** An index to create, in MongoDB's own option names. */
export interface IndexDefinition {
  /** The name MongoDB would give it, so that a database made by hand can be adopted: an index cannot be renamed. */
  readonly name: string;
  readonly key: Readonly<Record<string, 1 | -1 | 'text' | 'hashed' | '2d' | '2dsphere'>>;
  /** The query that it is there for, in plain words. */
  readonly serves: string;
  readonly unique?: boolean;
  readonly sparse?: boolean;
  readonly hidden?: boolean;
  /** Seconds. */
  readonly expireAfterSeconds?: number;
  readonly partialFilterExpression?: Document;
  /** What it leaves out is filled in by its locale, as the server does it: `{ locale: 'en', strength: 2 }`. */
  readonly collation?: Document;
  readonly weights?: Readonly<Record<string, number>>;
  readonly default_language?: string;
  readonly language_override?: string;
  readonly wildcardProjection?: Readonly<Record<string, 0 | 1>>;
  /** Of a 2d index: how exact it is, from 1 to 32. */
  readonly bits?: number;
  /** Of a 2d index: the smallest coordinate, and the largest. -180 and 180 unless given. */
  readonly min?: number;
  readonly max?: number;
  /** `{ wiredTiger: { configString: 'prefix_compression=false' } }` */
  readonly storageEngine?: Document;
}
