import type { Db } from 'mongodb';
import type { DataContext, DataStep, Irreversible } from '../types';
import { checkNames, checkObject, checkReason } from './arguments';
import { SchemaError } from '../../support/schema-error';

export interface RunDefinition {
  /** Whether nothing is left to do. It must look at the data: after a crash nothing else tells how far the step came. */
  isDone(db: Db): Promise<boolean>;
  run(context: DataContext): Promise<unknown>;
  /** Undoes it, says why it cannot be undone, or `'nothing to undo'`. */
  readonly undo: ((context: DataContext) => Promise<unknown>) | Irreversible | 'nothing to undo';
  /** The collections that it writes to. */
  readonly writes?: readonly string[];
}

/**
 * Does what no other verb does, for a reason. It may be interrupted anywhere and run again, and must converge.
 * @throws error with code `MIGRATION` when no reason is given.
 */
export function run(reason: string, whole: RunDefinition): DataStep {
  checkReason('run()', reason, 'say why: run("…", { … })');
  checkObject('run()', 'second argument', whole, 'an object: { isDone, run, undo }');
  checkNames('run()', whole, ['isDone', 'run', 'undo', 'writes']);
  for (const name of ['isDone', 'run'] as const) {
    if (typeof whole[name] !== 'function')
      throw new SchemaError('MIGRATION', `run() has no function \`${name}\``, { fix: 'write { isDone, run, undo }' });
  }
  const { undo, writes, ...definition } = whole;
  return {
    describe: [reason],
    changes: [],
    reason,
    ...definition,
    ...(writes && { writes }),
    undo: undo === 'nothing to undo' ? undefined : undo,
  };
}
