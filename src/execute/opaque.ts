import { finalError, isTransient } from '../database';
import {
  isOpaque,
  type DataContext,
  type Direction,
  type Migration,
  type OpaqueStep,
  type Step,
} from '../migration/types';
import { reasonOf, reportOf, SchemaError } from '../support/schema-error';

/**
 * Runs the functions of a plain migration. These functions might not be repeatable, so one run never starts them twice.
 * @throws error with code `CONNECTION_FAILED` when the connection was lost while the functions ran. The functions are not retried.
 */
export async function runOpaque(step: OpaqueStep, direction: Direction, context: DataContext): Promise<void> {
  // The single writes of the step do not check the lease, so check the lease once before the step begins.
  await context.guard();
  try {
    if (direction === 'up') await step.run(context);
    else if (typeof step.undo === 'function') await step.undo(context);
  } catch (cause) {
    if (!isTransient(cause)) throw cause;
    throw finalError(
      new SchemaError('CONNECTION_FAILED', `The connection was lost while \`${direction}\` ran`, {
        why: [reasonOf(cause), 'this step is not retried automatically: its progress is unknown'],
        fix: againFromItsBeginning([step], direction),
        cause,
      }),
    );
  }
}

/**
 * Returns the fix for the error of a plain migration that began and did not finish. If the run was stopped or lost its lease, also returns
 * the reason.
 */
export function halfway(
  { steps }: Pick<Migration, 'steps'>,
  direction: Direction,
  cause: unknown,
): { readonly why?: readonly string[]; readonly fix: string } {
  const { code, summary, why = [], fix } = reportOf(cause);
  if (code !== 'ABORTED' && code !== 'LOCKED') return { fix: fix ?? againFromItsBeginning(steps, direction) };
  const note = `its \`${direction}\` began, and may still be writing: the lease is not checked before each of its writes`;
  return { why: [summary, ...why, note], fix: againFromItsBeginning(steps, direction) };
}

function againFromItsBeginning(steps: readonly Step[], direction: Direction): string {
  const again =
    direction === 'up'
      ? '`deploy` runs the migration again from the start'
      : '`rollback` runs `down` again from the start, `deploy --resume` runs `up`';
  const hasDown = steps.some((step) => isOpaque(step) && typeof step.undo === 'function');
  const back = direction === 'up' && hasDown ? ', `rollback --steps 1` runs `down`' : '';
  return `check how far the migration got; ${again}${back}`;
}

/** @throws error with code `MIGRATION`, before anything is written, for a plain migration whose `up` or `down` takes a callback. */
export function refuseUncallable({ name, steps }: Pick<Migration, 'name' | 'steps'>, direction: Direction): void {
  const why = steps.filter(isOpaque).flatMap(({ uncallable }) => uncallable[direction] ?? []);
  if (why.length === 0) return;
  throw new SchemaError('MIGRATION', `${name} cannot be run, so nothing was changed`, {
    why,
    fix: `make \`${direction}\` return a promise: \`async ${direction}(db, client)\`; migrate-mongo does not support callbacks either`,
  });
}
