import type { Db, Document, Filter } from 'mongodb';
import type { DataContext, DataStep, Irreversible, LostValues } from '../types';
import { checkNames, checkObject, checkReason } from './arguments';
import { SchemaError } from '../../support/schema-error';

export interface RunDefinition {
  /** Resolves to true when nothing is left to do. It must read the data: after a crash, only the data shows how far the step got. */
  isDone(db: Db): Promise<boolean>;
  /** Does the work. Its writes are counted, and wait for a majority. */
  run(context: DataContext): Promise<unknown>;
  /** A function that undoes the work, or `irreversible('the reason')`, or `'nothing to undo'`. */
  readonly undo: ((context: DataContext) => Promise<unknown>) | Irreversible | 'nothing to undo';
  /** The collections that the code writes to. */
  readonly writes?: readonly string[];
  /** The documents that the code deletes. `plan` counts them. If any exist, the run needs `--allow-data-loss` with the migration's name. */
  readonly deletes?: { readonly collection: string; readonly filter: Filter<Document> };
}

/**
 * Runs your own code, for work that no other verb can do. You must give a reason. The code may be interrupted at any point and run
 * again, so it must be repeatable: `isDone` reads the data, and a second run does the work that the first run did not finish.
 * @category Data
 * @example
 * run('a thumbnail for each picture that has none', {
 *   isDone: async (db) => (await db.collection('pictures').findOne({ thumbnail: null })) === null,
 *   run: ({ updateInBatches }) =>
 *     updateInBatches('pictures', { filter: { thumbnail: null }, update: { $set: { thumbnail: 'none.png' } } }),
 *   undo: 'nothing to undo',
 *   writes: ['pictures'],
 * }),
 * @down Runs `undo`, or reports the reason why the work cannot be undone.
 * @cost Depends on your code. The documents that `deletes` matches are counted, and require `--allow-data-loss` with the migration's
 *   name.
 * @throws error with code `MIGRATION` when no reason is given.
 */
export function run(reason: string, whole: RunDefinition): DataStep {
  checkReason('run()', reason, 'give a reason: run("…", { … })');
  checkObject('run()', 'second argument', whole, 'an object: { isDone, run, undo }');
  checkNames('run()', whole, ['isDone', 'run', 'undo', 'writes', 'deletes']);
  for (const name of ['isDone', 'run'] as const) {
    if (typeof whole[name] !== 'function')
      throw new SchemaError('MIGRATION', `run() has no function \`${name}\``, { fix: 'write { isDone, run, undo }' });
  }
  const { undo, writes, deletes, ...definition } = whole;
  if (deletes !== undefined) {
    checkObject('run()', '`deletes`', deletes, 'an object: { collection, filter }');
    checkNames('run()', deletes, ['collection', 'filter']);
  }
  return {
    describe: [reason],
    changes: [],
    reason,
    ...definition,
    ...(writes && { writes }),
    ...(deletes && { loses: { up: lossOf(deletes) } }),
    undo: undo === 'nothing to undo' ? undefined : undo,
  };
}

function lossOf({ collection, filter }: NonNullable<RunDefinition['deletes']>): LostValues {
  return {
    collection,
    fields: [],
    filter,
    removes: (db, maxTimeMS) =>
      db.collection(collection).countDocuments(filter, { maxTimeMS, readPreference: 'primary' }),
  };
}
