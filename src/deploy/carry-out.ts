import { recordApplied, removeApplied } from '../history';
import { attempt } from '../execute';
import { wirePlace } from '../schema';
import { isPlain, type Direction, type Migration } from '../migration';
import { refuseStopped, type Run, type RunMigration, type RunOptions } from '../execute/run';

export interface CarryOutOptions extends Pick<RunOptions, 'onEvent' | 'signal'> {
  readonly allowDataLoss?: boolean;
  /** The `migrationBlock` of the changelog. All migrations of a run have the same value. */
  readonly block: number;
}

/** Runs one migration within a run, and writes or deletes its row in the changelog. */
export async function carryOut(
  run: Run,
  migration: Migration,
  direction: Direction,
  { allowDataLoss = false, block, onEvent, signal }: CarryOutOptions,
): Promise<RunMigration> {
  // If the run was told to stop, an attempt could only fail, so do not begin one.
  refuseStopped(signal);
  const started = performance.now();
  const { changes, data } = await attempt(migration, direction, {
    session: run.session(allowDataLoss),
    recorder: run.recorder,
    checksum: run.project.checksumOf(migration),
    recordRow: () =>
      direction === 'up'
        ? recordApplied(run.bookkeeping, migration.name, block)
        : removeApplied(run.bookkeeping, migration.name),
    onRetry: (reason) => onEvent?.({ type: 'retrying', reason }),
    onProgress: (what, done, total, unit) =>
      onEvent?.({ type: 'progress', what, done, total, ...(unit !== undefined && { unit }) }),
    signal,
  });
  const done: RunMigration = {
    name: migration.name,
    direction,
    ...(isPlain(migration) && { isPlain: true as const }),
    milliseconds: Math.round(performance.now() - started),
    changes: changes.map(({ change, outcome }) => ({ at: wirePlace(change), outcome })),
    data,
  };
  onEvent?.({ type: 'migration', migration: done });
  return done;
}
