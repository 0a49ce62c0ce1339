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

/** What became of a data step. */
export interface StepOutcome extends UpdateCounts {
  /** In words. */
  readonly what: string;
  /** The collections that it wrote to, as far as it tells. */
  readonly writes: readonly string[];
  readonly milliseconds: number;
}

export interface DataStepRun {
  /** Tells it apart from all others: its checkpoints go by it. */
  readonly name: string;
  readonly step: DataStep;
  readonly direction: Direction;
  readonly onProgress?: OnProgress | undefined;
}

/**
 * Runs a data step until it is done, or undoes it. Of an opaque one nothing is known afterwards.
 * @throws error with code `NOT_DONE` when it is not done however often it runs.
 * @throws error with code `NOT_REPEATABLE` before it writes, when it would update documents again.
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
  // It may write without asking first.
  await context.guard();
  await refuseObstacles(session.db, step, 'down');
  await step.undo(context);
}

async function runUntilDone(session: Session, run: DataStepRun, tally: Tally): Promise<void> {
  const { step } = run;
  const { passes = 1 } = step;
  // Documents in its way may keep it from seeing that it is not done.
  await refuseObstacles(session.db, step, 'up');
  if (await step.isDone(session.db)) return;
  const context = contextOf(session, run, tally);
  for (let pass = 0; pass < passes; pass++) {
    // It may write without asking first.
    await context.guard();
    if (pass > 0) await refuseObstacles(session.db, step, 'up');
    await step.run(context);
    const isSettled = passes > 1 && tally.isSettled;
    if (isSettled || (await step.isDone(session.db))) return;
  }
  const times = passes > 1 ? ` ${passes} times` : '';
  throw new SchemaError('NOT_DONE', `"${step.describe.join('; ')}" ran to its end${times}, and is still not done`, {
    fix: 'an update must lead documents to where nothing is left to do for it; what `run` does must make its `isDone` true',
  });
}

/** Adds up what the walks of a step do. */
class Tally {
  counts: UpdateCounts = { matched: 0, updated: 0 };
  /** Whether the last walk found all documents as its update makes them. */
  isSettled = false;
  /** Whether each walk went over the whole collection. */
  isWhole = true;
  /** How long they rested between batches, in milliseconds. */
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
      // Where the documents themselves tell what is left to do, they are asked.
      const tellsItself = leftToDo(given) !== given.filter;
      // One that keeps values which nobody may lose is not done, though it updates nothing.
      const isFree = update === given;
      return tally.add(counts, isWhole && isFree && counts.updated === 0 && !tellsItself);
    },
  };
}

/** A document that gets a value after the count keeps it, and so is not updated. The step then says that it is not done. */
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

/** How long trying an update may take, in milliseconds. */
const trialLimit = 10_000;

/**
 * Tries the updates of data steps, as far as they tell what they update, on documents that are there now.
 * @throws error with code `NOT_REPEATABLE` for one that changes documents again when it runs again.
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
