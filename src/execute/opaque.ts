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
 * Runs what a plain migration exports. It is not known to converge, so it is never begun a second time by the same run.
 * @throws error with code `CONNECTION_FAILED`, which is not tried again, when the connection was lost meanwhile.
 */
export async function runOpaque(step: OpaqueStep, direction: Direction, context: DataContext): Promise<void> {
  // Its writes cannot ask, one by one, whether the run may still write.
  await context.guard();
  try {
    if (direction === 'up') await step.run(context);
    else if (typeof step.undo === 'function') await step.undo(context);
  } catch (cause) {
    if (!isTransient(cause)) throw cause;
    throw finalError(
      new SchemaError('CONNECTION_FAILED', `The connection was lost while \`${direction}\` ran`, {
        why: [reasonOf(cause), 'it is not tried again by itself: nobody knows how far it came'],
        fix: againFromItsBeginning([step], direction),
        cause,
      }),
    );
  }
}

/** What is said of a plain migration that had begun and did not come to its end, beside why. */
export function halfway(
  { steps }: Pick<Migration, 'steps'>,
  direction: Direction,
  cause: unknown,
): { readonly why?: readonly string[]; readonly fix: string } {
  const { code, summary, why = [], fix } = reportOf(cause);
  if (code !== 'ABORTED' && code !== 'LOCKED') return { fix: fix ?? againFromItsBeginning(steps, direction) };
  const note = `its \`${direction}\` had begun, and may still be writing: nothing checks the lease before each of its writes`;
  return { why: [summary, ...why, note], fix: againFromItsBeginning(steps, direction) };
}

function againFromItsBeginning(steps: readonly Step[], direction: Direction): string {
  const again =
    direction === 'up'
      ? '`deploy` runs it again from its beginning'
      : '`rollback` runs its `down` again from its beginning, `deploy --resume` its `up`';
  const hasDown = steps.some((step) => isOpaque(step) && typeof step.undo === 'function');
  const back = direction === 'up' && hasDown ? ', `rollback --steps 1` runs its `down`' : '';
  return `look at how far it came; ${again}${back}`;
}

/** @throws error with code `MIGRATION`, before anything is written, for a plain migration whose `up` or `down` takes a callback. */
export function refuseUncallable({ name, steps }: Pick<Migration, 'name' | 'steps'>, direction: Direction): void {
  const why = steps.filter(isOpaque).flatMap(({ uncallable }) => uncallable[direction] ?? []);
  if (why.length === 0) return;
  throw new SchemaError('MIGRATION', `${name} cannot be run, so nothing was changed`, {
    why,
    fix: `make it return a promise: \`async ${direction}(db, client)\`; migrate-mongo gives no callback either`,
  });
}
