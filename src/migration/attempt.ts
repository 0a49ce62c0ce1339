import type { EventDetails, Recorder } from '../history';
import { checksumOf, withRetry } from '../history';
import type { ChangeOutcome, Session } from './executor';
import type { Direction, Migration } from './types';
import { runMigration } from './run';

export interface AttemptOptions {
  readonly session: Session;
  readonly recorder: Recorder;
  /** Writes the changelog's row, or deletes it; after the changes, before the attempt counts as finished. */
  readonly recordRow?: () => Promise<void>;
  readonly onRetry?: ((reason: string) => void) | undefined;
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
  { session, recorder, recordRow, onRetry, signal }: AttemptOptions,
): Promise<ChangeOutcome[]> {
  const started = performance.now();
  const about = { migration: migration.name, direction, checksum: checksumOf(migration.file) };
  const { attempt: id } = await recorder.record('started', about);
  const ends = (details: EventDetails): EventDetails => ({
    ...about,
    ...details,
    attempt: id,
    milliseconds: Math.round(performance.now() - started),
  });
  try {
    const retry = { onRetry, signal };
    const outcomes = await withRetry(() => runMigration(session, migration, direction), retry);
    await withRetry(async () => {
      await session.guard();
      await recordRow?.();
    }, retry);
    await recorder.record('finished', ends({ changes: outcomes.map(toRecorded) }));
    return outcomes;
  } catch (cause) {
    const error = cause as Error & { code?: unknown; summary?: string };
    const stopped = error.code === 'ABORTED' || error.code === 'LOCKED';
    // A run that lost its lease may write nothing; the next one finds the attempt and says that it was interrupted.
    if (error.code !== 'LOCKED') {
      // The attempt's own error is the one to tell, so this one is not thrown over it.
      await recorder
        .record(stopped ? 'interrupted' : 'failed', ends({ error: summaryOf(error) }))
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

/** An error in a line without values: what a server's message shows of documents stays out of the history. */
function summaryOf({ message, summary }: Error & { summary?: string }): string {
  return summary ?? message.split('\n', 1)[0] ?? '';
}
