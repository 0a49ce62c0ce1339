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
  /** The migration to go back to. This migration stays applied. */
  readonly to?: string | undefined;
  /**
   * How many migrations to roll back, the last applied one first. A migration that failed halfway comes before all others.
   * Exactly one of `to` and `steps` is given.
   */
  readonly steps?: number | undefined;
  /** The migrations whose `down` may delete documents or values of fields. */
  readonly allowDataLoss?: readonly string[] | undefined;
}

export interface RollbackReport {
  readonly rolledBack: readonly RunMigration[];
  /** The migrations that are applied now, in the order in which they were applied. */
  readonly applied: readonly string[];
}

/** What a rollback would do. */
export interface RollbackPlan {
  /** The migrations to roll back, in that order, with their changes. */
  readonly toRollBack: readonly PlannedRollback[];
  /** The migrations that would still be applied, in the order in which they were applied. */
  readonly applied: readonly string[];
}

export interface PlannedRollback extends PlannedMigration {
  /** Whether the migration failed halfway. If this is true, the finished part of the migration is undone. */
  readonly isUnfinished: boolean;
  /** Why the migration cannot be rolled back; empty when it can be rolled back. */
  readonly obstacles: readonly string[];
}

/**
 * Rolls migrations back, the last applied one first. A migration that began and did not finish
 * comes before all others.
 * @throws error with code `HISTORY`, before anything is written, when a migration cannot be rolled back as it was applied.
 * @throws error with code `IRREVERSIBLE` when a migration has a step that cannot be undone.
 * @throws error with code `DATA_LOSS` when documents or values would be deleted. Earlier rollbacks of this run are kept,
 * and `left` names the rest.
 */
export async function rollback(options: RollbackOptions): Promise<RollbackReport> {
  return rollbackOf(options);
}

/**
 * Does the same as `rollback`, after a person has agreed to a plan.
 * @param planned the names of the migrations that the person agreed to roll back; if other migrations would be rolled back now, the run is
 * refused with the code `HISTORY`
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
 * Returns what `rollback` would do. Writes nothing, and takes no lease.
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

/** Plans the rollback of each migration. Each plan starts from the result of the rollbacks before it, as far as this result is known. */
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
    // The rollback itself reports conflicts. The plan still shows the names of the migrations.
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

/** Returns what a rollback does: the same steps in reverse order, with each change inverted. */
function inReverse({ name, steps }: Migration): Plannable {
  const down = steps
    .toReversed()
    .map((step) => (isDataStep(step) ? step : { describe: step.describe, changes: inverse(step.changes) }));
  return { name, steps: down, changes: down.flatMap(({ changes }) => changes) };
}

/**
 * Returns the migrations to roll back in that order, and all applied migrations.
 * @throws error with code `HISTORY`
 */
function selectFrom(statuses: readonly MigrationStatus[], options: Pick<RollbackOptions, 'to' | 'steps'>) {
  const applied = inAppliedOrder(statuses);
  const selected = select(applied, unfinishedInOrder(statuses), options);
  // A rollback finishes an interrupted `down`. With any other broken migration, the rollback might undo something that the migration did
  // not do.
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
    throw new SchemaError(
      'USAGE',
      `It is ${to === undefined ? 'not specified' : 'specified twice'} how far to roll back`,
      {
        fix: 'give either --to NAME or --steps N',
      },
    );
  }
  const inOrder = [...applied, ...unfinished];
  if (steps !== undefined) {
    if (Number.isInteger(steps) && steps > 0) return inOrder.toReversed().slice(0, steps);
    throw usage(`--steps takes a whole number from 1, not "${steps}"`);
  }
  const name = resolveName(namesOf(applied), to ?? '');
  return inOrder.slice(namesOf(applied).indexOf(name) + 1).toReversed();
}

/** @throws error with code `HISTORY` when the history changed after the person saw the plan. */
function refuseOthers(selected: readonly string[], planned: readonly string[] | undefined): void {
  if (!planned || selected.join('\n') === planned.join('\n')) return;
  throw new SchemaError('HISTORY', 'The history changed after the plan was shown, so nothing was changed', {
    why: `now ${selected.length === 0 ? 'nothing' : selected.join(', ')} would be rolled back`,
    fix: 'run again, and check the new plan',
  });
}

function usage(summary: string): SchemaError {
  return new SchemaError('USAGE', summary);
}
