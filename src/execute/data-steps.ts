import {
  isOpaque,
  type BatchUpdate,
  type DataContext,
  type DataStep,
  type Direction,
  type StepUpdate,
  type UpdateCounts,
} from '../migration/types';
import { isRepeatable, leftToDo } from '../migration/repeatable';
import { explainServerError } from '../database/server-errors';
import { SchemaError } from '../support/schema-error';
import { updateInBatches, type Walked } from './batches';
import { lossOf, refuseLostValues } from './losses';
import { refuseObstacles } from './obstacles';
import { runOpaque } from './opaque';
import { tellWork } from './measured-work';
import type { OnProgress, Session } from './session';
import { transfer } from './transfer';
import { refuseUnrepeatableUpdate } from './update-looks';
import { updateOnce } from './update-once';

/** The outcome of a data step. */
export interface StepOutcome extends UpdateCounts {
  /** The description of the step. */
  readonly what: string;
  /** The collections that the step declares it writes to. */
  readonly writes: readonly string[];
  readonly milliseconds: number;
}

export interface DataStepRun {
  /** A unique name for the step. Its checkpoints use it. */
  readonly name: string;
  readonly step: DataStep;
  readonly direction: Direction;
  readonly onProgress?: OnProgress | undefined;
}

/**
 * Runs a data step until it is done, or undoes it. For an opaque step (the functions of a plain migration), the result is unknown.
 * @throws error with code `NOT_DONE` when the step is still not done after several runs.
 * @throws error with code `NOT_REPEATABLE`, before the step writes, when a second run would update documents again.
 */
export async function runDataStep(session: Session, run: DataStepRun): Promise<StepOutcome | undefined> {
  const { step, direction } = run;
  const started = performance.now();
  const tally = new Tally();
  if (isOpaque(step)) {
    await runOpaque(step, direction, contextOf(session, run, tally));
    return undefined;
  }
  await refuseLostValues(session, [step], direction);
  await (direction === 'up' ? runUntilDone(session, run, tally) : undo(session, run, tally));
  const milliseconds = performance.now() - started;
  const update = step.updates?.[direction];
  if (update && tally.isWhole) {
    const { collection, once = false } = update;
    const kind = once ? 'backfill once' : 'backfill';
    await tellWork(session, {
      kind,
      collection,
      matched: tally.counts.matched,
      milliseconds: milliseconds - tally.paused,
    });
  }
  return {
    what: step.describe.join('; '),
    writes: step.writes ?? [],
    ...tally.counts,
    milliseconds: Math.round(milliseconds),
  };
}

async function undo(session: Session, run: DataStepRun, tally: Tally): Promise<void> {
  const { step } = run;
  if (typeof step.undo !== 'function') return;
  const context = contextOf(session, run, tally);
  // The step may write without checking the lease, so check the lease first.
  await context.guard();
  await refuseObstacles(session.db, step, 'down');
  await step.undo(context);
}

async function runUntilDone(session: Session, run: DataStepRun, tally: Tally): Promise<void> {
  const { step } = run;
  const { passes = 1 } = step;
  // Check for obstacles first: documents that are in the way may hide that the step is not done.
  await refuseObstacles(session.db, step, 'up');
  if (await step.isDone(session.db)) return;
  const context = contextOf(session, run, tally);
  for (let pass = 0; pass < passes; pass++) {
    // The step may write without checking the lease, so check the lease first.
    await context.guard();
    if (pass > 0) await refuseObstacles(session.db, step, 'up');
    await step.run(context);
    const isSettled = passes > 1 && tally.isSettled;
    if (isSettled || (await step.isDone(session.db))) return;
  }
  const times = passes > 1 ? ` ${passes} times` : '';
  throw new SchemaError(
    'NOT_DONE',
    `"${step.describe.join('; ')}" ran to its end${times}, but its own check says that it is not done`,
    {
      fix: 'an update must change documents so that its filter no longer matches them; after the function `run`, `isDone` must return true',
    },
  );
}

/** Adds up the counts of a step's walks. A walk visits a collection in batches. */
class Tally {
  counts: UpdateCounts = { matched: 0, updated: 0 };
  /** Whether the last walk found that no document needs the update any more. */
  isSettled = false;
  /** Whether each walk visited the whole collection. */
  isWhole = true;
  /** How long the walks paused between batches, in milliseconds. */
  paused = 0;

  walked({ isWhole, paused }: Pick<Walked, 'isWhole' | 'paused'>): void {
    this.isWhole &&= isWhole;
    this.paused += paused;
  }

  add({ matched, updated }: UpdateCounts, isSettled: boolean): UpdateCounts {
    this.counts = { matched: this.counts.matched + matched, updated: this.counts.updated + updated };
    this.isSettled = isSettled;
    return { matched, updated };
  }
}

function contextOf(session: Session, { name, step, direction, onProgress }: DataStepRun, tally: Tally): DataContext {
  const { db, bookkeeping = db, guard } = session;
  const what = step.describe.join('; ');
  const progress = (done: number, total: number) => onProgress?.(what, done, total);
  return {
    db,
    guard,
    progress,
    transfer: (way, ids) => transfer(session, way, ids),
    count: (counts) => {
      tally.add(counts, false);
    },
    updateInBatches: async (collection, given, undo) => {
      const update = keepingValues(session, step, direction, given);
      const [forward, backward] = [name, `${name} undo`];
      const [checkpoint, counterpart] = undo ? [backward, forward] : [forward, backward];
      if (update.once) {
        const isUndo = undo !== undefined;
        const once = { ...update, written: given, collection, checkpoint, counterpart, isUndo, progress };
        const walked = await updateOnce(session, once);
        tally.walked(walked);
        return tally.add(walked, true);
      }
      const walker = { db, bookkeeping, guard, progress, checkpoint };
      await refuseToRepeat(session, { collection, ...update });
      const walked = await updateInBatches(walker, collection, update).catch((error: unknown) => {
        throw explainServerError(error, `update documents of ${collection}`);
      });
      tally.walked(walked);
      const { isWhole, ...counts } = walked;
      // If a narrower filter can find the documents that are not updated yet, `isDone` decides with that filter whether the step is done.
      const tellsItself = leftToDo(given) !== given.filter;
      // A step that leaves out documents to keep their values is not done, even if it updates nothing.
      const isFree = update === given;
      return tally.add(counts, isWhole && isFree && counts.updated === 0 && !tellsItself);
    },
  };
}

/**
 * Narrows the filter of an update, so that it leaves out documents with a value that must not be lost. A document may have got such a value
 * after the check for lost values. The step then reports that it is not done.
 */
function keepingValues(
  { allowDataLoss }: Session,
  step: DataStep,
  direction: Direction,
  update: BatchUpdate,
): BatchUpdate {
  const loss = lossOf(step, direction);
  if (allowDataLoss || !loss) return update;
  return { ...update, filter: { $and: [update.filter, { $nor: [loss.filter] }] } };
}

/** How long the trial of an update may take, in milliseconds. */
const trialLimit = 10_000;

/**
 * Tries the declared updates of data steps on existing documents.
 * @throws error with code `NOT_REPEATABLE` when an update is not idempotent.
 */
export async function refuseUnrepeatable(
  session: Session,
  steps: readonly DataStep[],
  direction: Direction,
): Promise<void> {
  for (const step of steps) {
    const update = step.updates?.[direction];
    if (update && !update.once) await refuseToRepeat(session, update);
  }
}

async function refuseToRepeat(session: Session, update: StepUpdate): Promise<void> {
  if (isRepeatable(update.update)) return;
  await session.guard();
  const trial = { isReplicaSet: session.isReplicaSet, mayWrite: true };
  await refuseUnrepeatableUpdate(session.db, update, trial, trialLimit);
}
