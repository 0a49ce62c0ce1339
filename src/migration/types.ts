import type { Db, Document, Filter, UpdateFilter } from 'mongodb';
import type { Change } from '../schema';

/**
 * The result of a schema verb: changes, and the lines that describe them. A step is plain data, so that it can be folded into a schema,
 * compared and reported without a server.
 */
export interface SchemaStep {
  readonly describe: readonly string[];
  readonly changes: readonly Change[];
  /** The query that each index serves, by `collection.index`. This text is documentation, not a part of the schema. */
  readonly serves?: Readonly<Record<string, string>>;
  /** Why the step removes something permanently. */
  readonly reason?: string;
  /** Why the step cannot be undone. A rollback fails with this reason. */
  readonly irreversible?: string;
  readonly suppressions?: readonly Suppression[];
}

/** A lint rule that is suppressed for a step, and the reason. */
export interface Suppression {
  /** `SM004` */
  readonly code: string;
  readonly reason: string;
}

/** A step that changes documents, not the schema: a backfill or your own code. The fold, which computes the schema, skips such steps. */
export interface DataStep {
  readonly describe: readonly string[];
  readonly changes: readonly [];
  /** The collections that the step writes to; undefined when unknown. */
  readonly writes?: readonly string[];
  /** The fields that the step removes from documents, as far as known. */
  readonly unsets?: readonly string[];
  /**
   * The fields that must exist in the first collection of `writes`, each as a list of the names on its path. If a validator lists the
   * fields of the collection, the step is refused when no earlier migration mentions one of these fields.
   */
  readonly expects?: readonly (readonly string[])[];
  /** The fields that the step sets in the first collection of `writes`, each as a list of the names on its path. */
  readonly sets?: readonly (readonly string[])[];
  /** The update in each direction, as far as known. `plan` shows this update, and a run tests it before the first write. */
  readonly updates?: { readonly [D in Direction]?: StepUpdate | undefined };
  /**
   * The values that the step deletes in each direction, as far as known. Deleting any of them requires `--allow-data-loss` with the
   * migration's name.
   */
  readonly loses?: { readonly [D in Direction]?: LostValues | undefined };
  /** Documents that prevent the step in each direction, as far as known. They are counted before each pass of the step. */
  readonly obstacles?: Obstacles;
  readonly reason?: string;
  readonly suppressions?: readonly Suppression[];
  /** Resolves to true when nothing is left to do. After an interruption, a run calls this before it runs the step again. */
  isDone(db: Db): Promise<boolean>;
  run(context: DataContext): Promise<unknown>;
  /** The maximum number of passes: applications can create new work while the step runs. The default is 1. */
  readonly passes?: number;
  /** Undoes the step; undefined when there is nothing to undo. */
  readonly undo: ((context: DataContext) => Promise<unknown>) | Irreversible | undefined;
}

/** The update of a data step. */
export interface StepUpdate extends Pick<BatchUpdate, 'filter' | 'update' | 'once' | 'batchSize' | 'pause'> {
  readonly collection: string;
  /** Set when a verb generated the update. The update is not shown, because the step describes it in words. */
  readonly isGenerated?: true;
}

/**
 * The only step of a plain migration, which is written without verbs. What the step does is unknown: it is neither planned nor compared,
 * and it may be unsafe to repeat.
 */
export interface OpaqueStep extends DataStep {
  readonly isOpaque: true;
  /** For each direction, why the exported function cannot be called; undefined when it can be called. */
  readonly uncallable: { readonly [D in Direction]: string | undefined };
}

/** Values that a data step deletes. */
export interface LostValues {
  readonly collection: string;
  /** The paths of the fields. */
  readonly fields: readonly string[];
  /** Matches the documents that lose a value. */
  readonly filter: Filter<Document>;
  /** Counts whole documents that are removed, when no filter can match them. `maxTimeMS` limits the query; 0 means no limit. */
  readonly removes?: (db: Db, maxTimeMS: number) => Promise<number>;
}

/** Documents that a data step cannot handle. The step is refused while such documents exist. */
export interface Obstacle {
  readonly collection: string;
  readonly filter: Filter<Document>;
  /** What is wrong with these documents: `both lang and language_code, with different values`. */
  readonly why: string;
}

/** The obstacles of a data step, by direction. */
export interface Obstacles extends Readonly<Partial<Record<Direction, readonly Obstacle[]>>> {
  /** What cannot be done while such documents exist. */
  readonly summary: string;
  readonly fix: string;
}

/** Documents of a collection to update, in batches. */
export interface BatchUpdate {
  /** Which documents are updated. */
  readonly filter: Filter<Document>;
  /** An update, or the stages of a pipeline. */
  readonly update: UpdateFilter<Document> | readonly Document[];
  /**
   * Set this if the filter and the data do not show which documents are already updated. Each document is then
   * updated exactly once, even if the run is interrupted. Each batch is a transaction, so this needs a replica set.
   */
  readonly once?: boolean;
  /** How many documents one update command covers. The default is 10,000, or 500 with `once`. */
  readonly batchSize?: number;
  /** A pause after each batch, in milliseconds. */
  readonly pause?: number;
}

/** How many documents of a batch, a walk or a step were matched and updated. */
export interface UpdateCounts {
  /** How many matched the filter. */
  readonly matched: number;
  /** How many of the matched documents the update changed. */
  readonly updated: number;
}

/** The collections between which documents are moved, in the same database. */
export interface Transfer {
  readonly from: string;
  readonly to: string;
  /** What to do with an existing document with the same `_id`. */
  readonly whenMatched: 'replace' | 'keepExisting';
}

/** The database and the callbacks that a data step can use. */
export interface DataContext {
  readonly db: Db;
  /** Await this function just before each write. It throws when the run may no longer write, or when the run is stopped. */
  readonly guard: () => Promise<void>;
  /** Reports the progress of the step. */
  readonly progress: (done: number, total: number) => void;
  /**
   * Copies documents into another collection, and then deletes each document that is still equal to its copy. A document that
   * was changed in the meantime, or that differs from its copy, is kept. The transfer can be interrupted and run again without
   * losing documents.
   * @param ids raw documents that contain an `_id`
   * @returns the number of moved documents
   */
  readonly transfer: (way: Transfer, ids: readonly Uint8Array[]) => Promise<number>;
  /** Adds to the step's counts. Call this for writes that the step makes itself. */
  readonly count: (counts: UpdateCounts) => void;
  /**
   * Walks through a collection in the order of its `_id`s, and updates matching documents. The position is stored in the database under
   * a name of this step. `checkpoint` gives the walk of `undo` a separate position from the walk of `run`.
   */
  readonly updateInBatches: (collection: string, update: BatchUpdate, checkpoint?: 'undo') => Promise<UpdateCounts>;
}

/** States that a step cannot be undone, and why. */
export interface Irreversible {
  readonly irreversible: string;
}

/** Declares that a step cannot be undone, and why. A rollback fails with this reason. */
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

/** Returns whether a migration is plain: a file that exports `up(db, client)` and `down`, written without verbs. */
export function isPlain({ steps }: Pick<Migration, 'steps'>): boolean {
  return steps.some(isOpaque);
}

/** Returns the reasons why steps cannot be undone, one for each such step. */
export function irreversibleSteps(steps: readonly Step[]): string[] {
  return steps.flatMap((step) => whyIrreversible(step) ?? []);
}

function whyIrreversible(step: Step): string | undefined {
  if (!isDataStep(step)) return step.irreversible;
  return step.undo && 'irreversible' in step.undo ? step.undo.irreversible : undefined;
}

export type Direction = 'up' | 'down';

/** The default export of a migration file. migrate-mongo calls `up` and `down`. All other code reads the steps. */
export interface Migration {
  /** The name of the file, always with `.ts`, even if the code was compiled. The changelog identifies the migration by this name. */
  readonly name: string;
  /** The path of the file from which the migration was loaded. */
  readonly file: string;
  readonly steps: readonly Step[];
  /** The changes of all steps, in order. */
  readonly changes: readonly Change[];
  up(db: Db): Promise<void>;
  down(db: Db): Promise<void>;
}
