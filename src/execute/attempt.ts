import { randomUUID } from 'node:crypto';
import {
  failureOf,
  type EventDetails,
  type RecordedChange,
  type RecordedStep,
  type RecordedWork,
  type Recorder,
} from '../history';
import { checksumOf } from '../project';
import { wirePlace } from '../schema';
import { withRetry } from '../database';
import { unlessAborted, within } from '../support/abort';
import { placeOf } from '../support/error-place';
import { because, reportOf } from '../support/schema-error';
import { type Session } from './session';
import { isPlain, type Direction, type Migration } from '../migration/types';
import type { StepOutcome } from './data-steps';
import { halfway } from './opaque';
import type { ChangeOutcome } from './outcome';
import { runMigration, type MigrationOutcome, type RunMigrationOptions } from './run-migration';

export interface AttemptOptions {
  readonly session: Session;
  readonly recorder: Recorder;
  /** The checksum of the migration's text. The default is computed from the migration's file. */
  readonly checksum?: string;
  /** Writes the migration's row in the changelog, or deletes this row when the migration is rolled back. */
  readonly recordRow?: () => Promise<void>;
  readonly onRetry?: ((reason: string) => void) | undefined;
  readonly onProgress?: RunMigrationOptions['onProgress'];
  readonly signal?: AbortSignal | undefined;
}

/** How long a run that has to end may take to record its last event, in milliseconds. */
const recordsWithin = 1_000;

/**
 * Runs one migration and records the attempt in the history, whatever its outcome. After a lost connection or a failover, the attempt is
 * retried, and skips work that is already done.
 * @throws error that names the migration, with the code of the cause; the code is `ABORTED` when the run was stopped.
 */
export async function attempt(
  migration: Migration,
  direction: Direction,
  { session, recorder, checksum = checksumOf(migration.file), recordRow, onRetry, onProgress, signal }: AttemptOptions,
): Promise<MigrationOutcome> {
  const started = performance.now();
  const about = { migration: migration.name, direction, checksum };
  const id = randomUUID();
  const work: RecordedWork[] = [];
  // While this event is being stored, the run already reads the database. The run writes nothing before the event is stored.
  const begun = recorder.record('started', { ...about, attempt: id });
  begun.catch(() => undefined);
  const ends = (details: EventDetails): EventDetails => ({
    ...about,
    ...details,
    ...(work.length > 0 && { work }),
    attempt: id,
    milliseconds: Math.round(performance.now() - started),
  });
  let wrote = false as boolean;
  const guard = async () => {
    await begun;
    await session.guard();
    wrote = true;
  };
  // A plain migration (one without verbs) that finished is recorded even when the run was told to stop. Otherwise this migration would run
  // again.
  const guardToTheEnd = session.guardToTheEnd ?? session.guard;
  const onWork = (one: RecordedWork) => {
    work.push(one);
  };
  const carryOut = async () => {
    const stops = [signal, session.ending].filter((one) => one !== undefined);
    const { progress, beforeRetry } = session;
    const retry = { onRetry, signal: AbortSignal.any(stops), progress, beforeRetry };
    const outcome = await withRetry(
      () => runMigration({ ...session, guard, onProgress, onWork }, migration, direction, { onProgress }),
      retry,
    );
    await begun;
    const finish = () =>
      recorder.record(
        'finished',
        ends({
          changes: outcome.changes.map(toRecorded),
          ...(outcome.data.length > 0 && { data: outcome.data.map(toRecordedStep) }),
        }),
      );
    // For `up`, the event is written before the row of the changelog: a row without an event would be a migration of unknown origin. For
    // `down`, the row is deleted before the event is written: then a run that dies here has nothing left to do.
    if (direction === 'up') await finish();
    await withRetry(async () => {
      await (isPlain(migration) ? guardToTheEnd() : guard());
      await recordRow?.();
    }, retry);
    if (direction === 'down') await finish();
    return outcome;
  };
  try {
    return await unlessAborted(session.ending, carryOut());
  } catch (cause) {
    const { code, fix } = reportOf(cause);
    // The history itself is invalid. This is not the migration's fault, and the failure cannot be recorded.
    if (code === 'HISTORY') throw cause;
    const stopped = code === 'ABORTED' || code === 'LOCKED';
    // A run that lost its lease must not write. The next run finds the attempt, and records that the attempt was interrupted.
    if (code !== 'LOCKED') {
      // The error of the attempt matters most, so an error in recording must not replace it.
      const record = async () => {
        await begun.catch(() => undefined);
        await recorder
          .record(
            stopped ? 'interrupted' : 'failed',
            ends({ failure: failureOf(cause), ...(!wrote && { changes: [] }) }),
          )
          .catch(() => undefined);
      };
      // A run that has to end does not wait long for a server that may not answer.
      await (session.ending?.aborted ? within(recordsWithin, record(), () => undefined) : record());
    }
    const verb = direction === 'up' ? 'apply' : 'roll back';
    const advice = code === 'DATA_LOSS' ? howToLose(direction, migration.name) : fix;
    throw because(cause, `Cannot ${verb} ${migration.name}`, {
      fix: advice,
      ...(wrote && isPlain(migration) && halfway(migration, direction, cause)),
      where: placeOf(cause, migration.file),
    });
  }
}

/** The option contains the name of the migration, so that no script allows data loss by default. */
function howToLose(direction: Direction, name: string): string {
  const verb = direction === 'up' ? 'deploy' : 'rollback';
  return `to allow the deletion: \`${verb} --allow-data-loss ${name}\`, or SCHEMA_ALLOW_DATA_LOSS=${name} for migrate-mongo`;
}

function toRecorded({ change, outcome, milliseconds }: ChangeOutcome): RecordedChange {
  const place = wirePlace(change);
  // The key of a document is one of the document's values, so the key is not recorded.
  return {
    at: change.kind === 'document' ? place.slice(0, -1) : place,
    outcome,
    milliseconds: Math.round(milliseconds),
  };
}

/** Leaves out the description of the step, which may quote values. */
function toRecordedStep({ writes, matched, updated, milliseconds }: StepOutcome): RecordedStep {
  return { writes, matched, updated, milliseconds };
}
