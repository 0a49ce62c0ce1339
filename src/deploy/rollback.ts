import { historyError, inAppliedOrder, isBroken, type MigrationStatus } from '../history';
import { carryOut } from './carry-out';
import { pick, resolveName } from './project';
import { withRun, type RunMigration, type RunOptions } from './run';

export interface RollbackOptions extends RunOptions {
  /** The migration to go back to; it stays. */
  readonly to?: string | undefined;
  /** How many migrations to roll back, the last applied first. Exactly one of `to` and `steps` is given. */
  readonly steps?: number | undefined;
  /** The migrations whose `down` may drop collections that hold documents. */
  readonly allowDataLoss?: readonly string[] | undefined;
}

export interface RollbackReport {
  readonly rolledBack: readonly RunMigration[];
  /** What is applied now, in the order in which it was applied. */
  readonly applied: readonly string[];
}

/**
 * Rolls migrations back in the reverse of the order in which they were applied.
 * @throws Error with code `HISTORY` before anything is written, when one of them cannot be rolled back as it was applied.
 * @throws Error with code `DATA_LOSS` when a collection to drop holds documents; what was rolled back before stays so,
 * and `left` names the rest.
 */
export async function rollback(options: RollbackOptions): Promise<RollbackReport> {
  return withRun('rollback', options, async (run) => {
    const applied = inAppliedOrder(run.statuses);
    const selected = select(applied, options);
    // An interrupted `down` is what a rollback finishes; anything else that is broken might undo another thing.
    const error = historyError(selected.filter((status) => isBroken(status) && status.state !== 'half rolled back'));
    if (error) throw error;
    const allowed = (options.allowDataLoss ?? []).map((name) => resolveName(namesOf(run.statuses), name));
    const rolledBack: RunMigration[] = [];
    for (const [at, migration] of pick(run.project.load(), namesOf(selected)).entries()) {
      const allowDataLoss = allowed.includes(migration.name);
      rolledBack.push(
        await carryOut(run, migration, 'down', { ...options, allowDataLoss, block: 0 }).catch((error: unknown) => {
          throw Object.assign(error as Error, { left: namesOf(selected.slice(at)) });
        }),
      );
    }
    const gone = new Set(namesOf(rolledBack));
    return { rolledBack, applied: namesOf(applied).filter((name) => !gone.has(name)) };
  });
}

/** The migrations to roll back, the last applied first. */
function select(applied: readonly MigrationStatus[], { to, steps }: RollbackOptions): MigrationStatus[] {
  if ((to === undefined) === (steps === undefined)) throw usage('Say either --to NAME or --steps N.');
  if (steps !== undefined) {
    if (Number.isInteger(steps) && steps > 0) return applied.toReversed().slice(0, steps);
    throw usage(`--steps takes a whole number from 1; "${steps}" is none.`);
  }
  const name = resolveName(namesOf(applied), to ?? '');
  return applied.slice(namesOf(applied).indexOf(name) + 1).toReversed();
}

function namesOf(items: readonly { readonly name: string }[]): string[] {
  return items.map(({ name }) => name);
}

function usage(message: string): Error {
  return Object.assign(new Error(message), { code: 'USAGE' });
}
