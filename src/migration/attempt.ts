import { randomUUID } from 'node:crypto';
import type { EventDetails, Recorder } from '../history';
import { checksumOf, withRetry } from '../history';
import { summaryOf, type ChangeOutcome, type Session } from './executor';
import type { Direction, Migration } from './types';
import { runMigration, type RunMigrationOptions } from './run';

export interface AttemptOptions {
  readonly session: Session;
  readonly recorder: Recorder;
  /** Writes the changelog's row, or deletes it. */
  readonly recordRow?: () => Promise<void>;
  readonly onRetry?: ((reason: string) => void) | undefined;
  readonly onProgress?: RunMigrationOptions['onProgress'];
  readonly signal?: AbortSignal | undefined;
}

/**
 * Carries out one migration and leaves its traces in the history, whatever comes of it. A lost connection or a failover
 * is tried again: what was done by then is found done.
 * @throws Error naming the migration; with the code of what went wrong, `ABORTED` when it was stopped.
 */
export async function attempt(
  migration: Migration,
  direction: Direction,
  { session, recorder, recordRow, onRetry, onProgress, signal }: AttemptOptions,
): Promise<ChangeOutcome[]> {
  const started = performance.now();
  const about = { migration: migration.name, direction, checksum: checksumOf(migration.file) };
  const id = randomUUID();
  // The look at the database begins meanwhile; no write does before this event is stored.
  const begun = recorder.record('started', { ...about, attempt: id });
  begun.catch(() => undefined);
  const ends = (details: EventDetails): EventDetails => ({
    ...about,
    ...details,
    attempt: id,
    milliseconds: Math.round(performance.now() - started),
  });
  let wrote = false as boolean;
  const guard = async () => {
    await begun;
    await session.guard();
    wrote = true;
  };
  try {
    const retry = { onRetry, signal };
    const outcomes = await withRetry(
      () => runMigration({ ...session, guard }, migration, direction, { onProgress }),
      retry,
    );
    await begun;
    const finish = () => recorder.record('finished', ends({ changes: outcomes.map(toRecorded) }));
    // Going up, the event comes first: a row without one would be a migration of which nobody knows how it came there.
    // Going down, the row goes first: without it a run that dies here has nothing left to do.
    if (direction === 'up') await finish();
    await withRetry(async () => {
      await guard();
      await recordRow?.();
    }, retry);
    if (direction === 'down') await finish();
    return outcomes;
  } catch (cause) {
    const error = cause as Error & { code?: unknown };
    const stopped = error.code === 'ABORTED' || error.code === 'LOCKED';
    // A run that lost its lease may write nothing; the next one finds the attempt and says that it was interrupted.
    if (error.code !== 'LOCKED') {
      // The attempt's own error is the one to tell, so neither of these is thrown over it.
      await begun.catch(() => undefined);
      await recorder
        .record(stopped ? 'interrupted' : 'failed', ends({ error: summaryOf(error), ...(!wrote && { changes: [] }) }))
        .catch(() => undefined);
    }
    const verb = direction === 'up' ? 'apply' : 'roll back';
    const wayOut = error.code === 'DATA_LOSS' ? dataLossWayOut(migration.name) : '';
    const message = `Cannot ${verb} ${migration.name}. ${error.message}${wayOut}`;
    throw Object.assign(new Error(message, { cause }), { code: error.code });
  }
}

/** Losing documents takes the migration's name, so that no script does it by a habit. */
function dataLossWayOut(name: string): string {
  return ` To lose them, say so: \`rollback --allow-data-loss ${name}\`, or SCHEMA_ALLOW_DATA_LOSS=${name} for migrate-mongo.`;
}

function toRecorded({ change, outcome, milliseconds }: ChangeOutcome) {
  return { at: change.at, outcome, milliseconds: Math.round(milliseconds) };
}
