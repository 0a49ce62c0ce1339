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
  /** Why something is taken away for good. */
  readonly reason?: string;
  readonly suppressions?: readonly Suppression[];
}

/** A lint rule that a step is let off, and why. */
export interface Suppression {
  /** `SM004` */
  readonly code: string;
  readonly reason: string;
}

/** What is no change of the schema: a backfill, a free-form step. The fold passes it by. */
export interface DataStep {
  readonly describe: readonly string[];
  readonly changes: readonly [];
  /** The collections that it writes to; absent when it does not tell. */
  readonly writes?: readonly string[];
  /** The fields that it takes away from documents, as far as it tells. */
  readonly unsets?: readonly string[];
  readonly reason?: string;
  readonly suppressions?: readonly Suppression[];
  /** Whether nothing is left to do: a run that was interrupted asks before it runs the step again. */
  isDone(db: Db): Promise<boolean>;
  run(context: DataContext): Promise<void>;
  /** How often it may run until it is done, when applications can make new work behind it. Once unless given. */
  readonly passes?: number;
  /** Undoes it; `undefined` when there is nothing to undo. */
  readonly undo: ((context: DataContext) => Promise<void>) | Irreversible | undefined;
}

/** What a data step works with. */
export interface DataContext {
  readonly db: Db;
  /** To be awaited right before each write: it throws once the run may write no longer, or is stopped. */
  readonly guard: () => Promise<void>;
  /** Tells how far the step has come, of how much. */
  readonly progress: (done: number, total: number) => void;
  /** The name that this step's checkpoint goes by. */
  readonly checkpoint: string;
}

/** What cannot come back, and why. */
export interface Irreversible {
  readonly irreversible: string;
}

/** Says of a step that it cannot be undone, and why: going down refuses with that. */
export function irreversible(reason: string): Irreversible {
  return { irreversible: reason };
}

export type Step = SchemaStep | DataStep;

export function isDataStep(step: Step): step is DataStep {
  return 'isDone' in step;
}

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
