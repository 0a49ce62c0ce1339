import type { Db } from 'mongodb';
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

export type Direction = 'up' | 'down';

/** What a migration file exports. migrate-mongo calls `up` and `down`; everything else reads the steps. */
export interface Migration {
  /** The file's name, always with `.ts`: it is the key in the changelog, whichever way the code was loaded. */
  readonly name: string;
  /** Where it was loaded from. */
  readonly file: string;
  readonly steps: readonly Step[];
  /** The changes of all steps, in order: what the fold folds. */
  readonly changes: readonly Change[];
  up(db: Db): Promise<void>;
  down(db: Db): Promise<void>;
}
