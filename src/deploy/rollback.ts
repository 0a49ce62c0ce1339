import type { Db } from 'mongodb';
import {
  historyError,
  inAppliedOrder,
  isBroken,
  lookAtHistory,
  unfinishedInOrder,
  type MigrationStatus,
} from '../history';
import { withReads } from '../database/connection';
import { explainCommand, withRetry, type ServerFacts } from '../database';
import { irreversibleSteps, isDataStep, isPlain, type Migration } from '../migration';
import { inverse } from '../schema';
import { carryOut } from './carry-out';
import { planOn, planStep, type Plannable, type PlannedMigration } from './preflight';
import { openProject, pick, resolveName, type Project, namesOf } from '../project/project';
import { withRun, type RunMigration, type RunOptions } from '../execute/run';
import { refuseIrreversible, refuseOtherText } from './unfinished';
import { errorCodeOf } from '../support/error-codes';
import { reasonOf, SchemaError, withLeft } from '../support/schema-error';

export interface RollbackOptions extends RunOptions {
  /** The migration to go back to; it stays. */
  readonly to?: string | undefined;
  /**
   * How many migrations to roll back, the last applied first. One that failed halfway comes before all that are applied.
   * Exactly one of `to` and `steps` is given.
   */
  readonly steps?: number | undefined;
  /** The migrations whose `down` may delete documents, or values of fields. */
  readonly allowDataLoss?: readonly string[] | undefined;
}

export interface RollbackReport {
  readonly rolledBack: readonly RunMigration[];
  /** What is applied now, in the order in which it was applied. */
  readonly applied: readonly string[];
}

/** What a rollback would do. */
export interface RollbackPlan {
  /** The migrations that it would roll back, in that order, and what would be done for each. */
  readonly toRollBack: readonly PlannedRollback[];
  /** What would still be applied, in the order in which it was applied. */
  readonly applied: readonly string[];
}

export interface PlannedRollback extends PlannedMigration {
  /** It failed halfway: what it made until then is undone. */
  readonly isUnfinished: boolean;
  /** Why it cannot be rolled back; empty when it can be. */
  readonly obstacles: readonly string[];
}

/**
 * Rolls migrations back in the reverse of the order in which they were applied. One that began to be applied and did not come
 * to its end is the first.
 * @throws error with code `HISTORY` before anything is written, when one of them cannot be rolled back as it was applied.
 * @throws error with code `IRREVERSIBLE` when one has a step that cannot be undone.
 * @throws error with code `DATA_LOSS` when documents or values would be deleted; what was rolled back before stays so,
 * and `left` names the rest.
 */
export async function rollback(options: RollbackOptions): Promise<RollbackReport> {
  return rollbackOf(options);
}

/**
 * The same, for a person who was shown a plan.
 * @param planned the names that the person agreed to; others are refused with the code `HISTORY`
 */
export async function rollbackOf(options: RollbackOptions, planned?: readonly string[]): Promise<RollbackReport> {
  return withRun('rollback', options, async (run) => {
    const { selected, applied } = selectFrom(run.statuses, options);
    refuseOthers(namesOf(selected), planned);
    const allowed = (options.allowDataLoss ?? []).map((name) => resolveName(namesOf(run.statuses), name));
    const rolledBack: RunMigration[] = [];
    const migrations = pick(run.project.load(), namesOf(selected));
    for (const [at, migration] of migrations.entries()) {
      if (selected[at]?.unfinished) refuseIrreversible(migration);
      const allowDataLoss = allowed.includes(migration.name);
      rolledBack.push(
        await carryOut(run, migration, 'down', { ...options, allowDataLoss, block: 0 }).catch((error: unknown) => {
          throw withLeft(explainCommand(error), namesOf(selected.slice(at)));
        }),
      );
    }
    const gone = new Set(namesOf(rolledBack));
    return { rolledBack, applied: namesOf(applied).filter((name) => !gone.has(name)) };
  });
}

/**
 * What `rollback` would do; nothing is written, and no lease is taken.
 * @throws error with code `HISTORY` when one of the migrations cannot be rolled back as it was applied.
 */
export async function planRollback(options: RollbackOptions): Promise<RollbackPlan> {
  const project = openProject(options.folder);
  return withReads(options, async ({ db, server }) => {
    const statuses = await withRetry(() => lookAtHistory(db, project.texts));
    const { selected, applied } = selectFrom(statuses, options);
    const going = new Set(namesOf(selected));
    const left = namesOf(applied).filter((name) => !going.has(name));
    return { toRollBack: await planDown(db, server, project, selected), applied: left };
  });
}

/** Each is planned on what the ones before it leave, as far as that is known. */
async function planDown(
  db: Db,
  { isReplicaSet }: ServerFacts,
  project: Project,
  selected: readonly MigrationStatus[],
): Promise<PlannedRollback[]> {
  const migrations = pick(project.load(), namesOf(selected));
  const downs = migrations.map(inReverse);
  const planned = await planOn(db, migrations, downs, {
    direction: 'down',
    trial: { isReplicaSet, mayWrite: false },
  }).catch((error: unknown) => {
    // What is in the way is told when it is tried; the names are worth showing nonetheless.
    if (errorCodeOf(error) !== 'CONFLICT') throw error;
    return { conflict: reasonOf(error) };
  });
  return Promise.all(
    downs.map(async ({ name, steps }, at): Promise<PlannedRollback> => {
      const obstacles = irreversibleSteps(steps);
      const unknown = {
        name,
        ...(isPlain({ steps }) && { isPlain: true as const }),
        changes: [],
        dataSteps: await Promise.all(steps.filter(isDataStep).map((step) => planStep(undefined, step, 'down'))),
        dataFindings: [],
      };
      return {
        ...('conflict' in planned ? unknown : (planned[at] ?? unknown)),
        isUnfinished: selected[at]?.unfinished !== undefined,
        obstacles: 'conflict' in planned && at === 0 ? [...obstacles, planned.conflict] : obstacles,
      };
    }),
  );
}

/** What a rollback does: the same steps in reverse order, each change inverted. */
function inReverse({ name, steps }: Migration): Plannable {
  const down = steps
    .toReversed()
    .map((step) => (isDataStep(step) ? step : { describe: step.describe, changes: inverse(step.changes) }));
  return { name, steps: down, changes: down.flatMap(({ changes }) => changes) };
}

/**
 * The migrations to roll back, the first to go first, and all that are applied.
 * @throws error with code `HISTORY`
 */
function selectFrom(statuses: readonly MigrationStatus[], options: Pick<RollbackOptions, 'to' | 'steps'>) {
  const applied = inAppliedOrder(statuses);
  const selected = select(applied, unfinishedInOrder(statuses), options);
  // An interrupted `down` is what a rollback finishes; anything else that is broken might undo another thing.
  const error = historyError(
    selected.filter(
      (status) =>
        isBroken(status) && status.state !== 'half rolled back' && !(status.state === 'late' && status.unfinished),
    ),
  );
  if (error) throw error;
  for (const status of selected) refuseOtherText(status, 'rollback');
  return { selected, applied };
}

function select(
  applied: readonly MigrationStatus[],
  unfinished: readonly MigrationStatus[],
  { to, steps }: Pick<RollbackOptions, 'to' | 'steps'>,
): MigrationStatus[] {
  if ((to === undefined) === (steps === undefined)) {
    throw new SchemaError('USAGE', `It is ${to === undefined ? 'not said' : 'said twice'} how far to roll back`, {
      fix: 'say either --to NAME or --steps N',
    });
  }
  const inOrder = [...applied, ...unfinished];
  if (steps !== undefined) {
    if (Number.isInteger(steps) && steps > 0) return inOrder.toReversed().slice(0, steps);
    throw usage(`--steps takes a whole number from 1, not "${steps}"`);
  }
  const name = resolveName(namesOf(applied), to ?? '');
  return inOrder.slice(namesOf(applied).indexOf(name) + 1).toReversed();
}

/** @throws error with code `HISTORY` when somebody else was faster. */
function refuseOthers(selected: readonly string[], planned: readonly string[] | undefined): void {
  if (!planned || selected.join('\n') === planned.join('\n')) return;
  throw new SchemaError('HISTORY', 'The history changed since the plan was shown, so nothing was changed', {
    why: `it would now roll back ${selected.length === 0 ? 'nothing' : selected.join(', ')}`,
    fix: 'run again, and look at the new plan',
  });
}

function usage(summary: string): SchemaError {
  return new SchemaError('USAGE', summary);
}
