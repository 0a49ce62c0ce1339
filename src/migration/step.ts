import type { Change } from '../schema';

/**
 * What a verb makes: changes, and the lines that describe them. Plain data, so that it can be folded, compared and
 * reported without a server.
 */
export interface SchemaStep {
  readonly describe: readonly string[];
  readonly changes: readonly Change[];
  /** The query that each index is there for, by `collection.index`. No part of the schema: the docs read it here. */
  readonly serves?: Readonly<Record<string, string>>;
}

export type Step = SchemaStep;
