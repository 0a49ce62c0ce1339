import type { Db, Document, Filter, UpdateFilter } from 'mongodb';
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
  /** Why it cannot be undone: going down refuses with that. */
  readonly irreversible?: string;
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
  /**
   * The fields of the first of these collections that have to be there, each as the names along its path. One that nothing
   * in earlier migrations speaks of is refused, where a validator lists the fields.
   */
  readonly expects?: readonly (readonly string[])[];
  /** The fields of the first of these collections that it gives values, each as the names along its path. */
  readonly sets?: readonly (readonly string[])[];
  /** What it updates in either direction, as far as it tells: `plan` looks at it, and a run tries it before its first write. */
  readonly updates?: { readonly [D in Direction]?: StepUpdate | undefined };
  /** The values that it deletes in either direction, as far as it tells. Deleting any takes the migration's name. */
  readonly loses?: { readonly [D in Direction]?: LostValues | undefined };
  /** Documents that keep it from running in either direction, as far as it tells. They are looked for before each of its passes. */
  readonly obstacles?: Obstacles;
  readonly reason?: string;
  readonly suppressions?: readonly Suppression[];
  /** Whether nothing is left to do: a run that was interrupted asks before it runs the step again. */
  isDone(db: Db): Promise<boolean>;
  run(context: DataContext): Promise<unknown>;
  /** How often it may run until it is done, when applications can make new work behind it. Once unless given. */
  readonly passes?: number;
  /** Undoes it; `undefined` when there is nothing to undo. */
  readonly undo: ((context: DataContext) => Promise<unknown>) | Irreversible | undefined;
}

/** What a data step updates. */
export interface StepUpdate extends Pick<BatchUpdate, 'filter' | 'update' | 'once' | 'batchSize' | 'pause'> {
  readonly collection: string;
  /** A verb wrote it, and the step says in words what it does: people are not shown its text. */
  readonly isGenerated?: true;
}

/** The one step of a plain migration: what it does is neither planned nor compared, and it is not known to converge. */
export interface OpaqueStep extends DataStep {
  readonly isOpaque: true;
  /** Why a direction cannot be called, where it cannot. */
  readonly uncallable: { readonly [D in Direction]: string | undefined };
}

/** Values that a data step deletes. */
export interface LostValues {
  readonly collection: string;
  /** By their paths. */
  readonly fields: readonly string[];
  /** Matches the documents that lose one. */
  readonly filter: Filter<Document>;
  /** Counts the documents that are removed as a whole, where no filter tells which. `maxTimeMS` bounds it; 0 stands for no limit. */
  readonly removes?: (db: Db, maxTimeMS: number) => Promise<number>;
}

/** Documents that a data step cannot treat, so that it is refused while there are any. */
export interface Obstacle {
  readonly collection: string;
  readonly filter: Filter<Document>;
  /** What these documents have: `both lang and language_code, with different values`. */
  readonly why: string;
}

/** What keeps a data step from running, by direction. */
export interface Obstacles extends Readonly<Partial<Record<Direction, readonly Obstacle[]>>> {
  /** What cannot be done while there are any. */
  readonly summary: string;
  readonly fix: string;
}

/** Documents of a collection to update, a batch at a time. */
export interface BatchUpdate {
  /** Which documents are updated. */
  readonly filter: Filter<Document>;
  /** An update, or the stages of a pipeline. */
  readonly update: UpdateFilter<Document> | readonly Document[];
  /**
   * For an update that leaves no trace by which a document that has it can be told from one that has not: each document is
   * updated exactly once, whatever happens to the run. Each batch is a transaction, so it takes a replica set.
   */
  readonly once?: boolean;
  /** How many documents of the collection one update command covers; 10,000 unless given, 500 with `once`. */
  readonly batchSize?: number;
  /** Milliseconds to rest after each batch. */
  readonly pause?: number;
}

/** What became of the documents of a batch, a walk or a step. */
export interface UpdateCounts {
  /** How many matched the filter. */
  readonly matched: number;
  /** How many of these the update changed. */
  readonly updated: number;
}

/** Documents to take out of one collection and put into another one of the same database. */
export interface Transfer {
  readonly from: string;
  readonly to: string;
  /** What becomes of a document that is there with the same `_id`. */
  readonly whenMatched: 'replace' | 'keepExisting';
}

/** What a data step works with. */
export interface DataContext {
  readonly db: Db;
  /** To be awaited right before each write: it throws once the run may write no longer, or is stopped. */
  readonly guard: () => Promise<void>;
  /** Tells how far the step has come, of how much. */
  readonly progress: (done: number, total: number) => void;
  /**
   * Copies documents into another collection, and then deletes each of them that is still the same as its copy. One that was
   * changed meanwhile, or that has not become the same there, stays. Killed anywhere and run again, it loses none.
   * @param ids raw documents that hold an `_id`.
   * @returns how many documents were moved.
   */
  readonly transfer: (way: Transfer, ids: readonly Uint8Array[]) => Promise<number>;
  /** Adds to what the step tells of documents, for what it writes by itself. */
  readonly count: (counts: UpdateCounts) => void;
  /**
   * Walks a collection in the order of its `_id`s and updates what matches. How far it came is kept in the database under a
   * name of this step; `checkpoint` tells two walks of one step apart.
   */
  readonly updateInBatches: (collection: string, update: BatchUpdate, checkpoint?: 'undo') => Promise<UpdateCounts>;
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

export function isOpaque(step: Step): step is OpaqueStep {
  return 'isOpaque' in step;
}

/** Whether a migration is plain: a file that exports `up(db, client)` and `down`, written without verbs. */
export function isPlain({ steps }: Pick<Migration, 'steps'>): boolean {
  return steps.some(isOpaque);
}

/** Why steps cannot be undone: a reason for each that cannot be. */
export function irreversibleSteps(steps: readonly Step[]): string[] {
  return steps.flatMap((step) => whyIrreversible(step) ?? []);
}

function whyIrreversible(step: Step): string | undefined {
  if (!isDataStep(step)) return step.irreversible;
  return step.undo && 'irreversible' in step.undo ? step.undo.irreversible : undefined;
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
