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
  readonly collation?: Document;
  readonly weights?: Readonly<Record<string, number>>;
  readonly default_language?: string;
  readonly language_override?: string;
  readonly wildcardProjection?: Readonly<Record<string, 0 | 1>>;
}
