import type { Db } from 'mongodb';
import type { DataContext, DataStep, Irreversible } from '../types';

export interface RunDefinition {
  /** Whether nothing is left to do. It must look at the data: after a crash nothing else tells how far the step came. */
  isDone(db: Db): Promise<boolean>;
  run(context: DataContext): Promise<void>;
  /** Undoes it, says why it cannot be undone, or `'nothing to undo'`. */
  readonly undo: ((context: DataContext) => Promise<void>) | Irreversible | 'nothing to undo';
  /** The collections that it writes to. */
  readonly writes?: readonly string[];
}

/**
 * Does what no other verb does, for a reason. It may be interrupted anywhere and run again, and must converge.
 * @throws Error when no reason is given.
 */
export function run(reason: string, { undo, writes, ...definition }: RunDefinition): DataStep {
  if (reason.trim() === '') throw new Error('Say why: run("…", { … }).');
  return {
    describe: [reason],
    changes: [],
    reason,
    ...definition,
    ...(writes && { writes }),
    undo: undo === 'nothing to undo' ? undefined : undo,
  };
}
