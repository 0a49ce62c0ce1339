import type { Db } from 'mongodb';
import { ownCollections } from '../schema';
import { changelogName } from '../database/changelog-name';
import { ensureChangelogIndex, readChangelog } from './changelog';
import { ensureHistoryIndex, readEvents, type StoredEvent } from './events';
import type { MigrationText } from '../project/files';
import { interruptedAttempts, judgeHistory, type MigrationStatus } from './integrity';
import type { Lease } from './lease';
import { recorderFor, type Origin, type Recorder } from './recorder';
import { withRetry } from '../database/retry';
import { refuseUnfinished } from './unfinished-restore';

/** The history that a holder of the lease has read, and the recorder of new events. */
export interface OpenHistory {
  readonly recorder: Recorder;
  readonly statuses: readonly MigrationStatus[];
}

/**
 * Reads the history while the lease is held, because an earlier reading may be outdated. Writes nothing until the
 * first event is recorded, so a run that is refused records nothing. `db` belongs to the bookkeeping client. Once `signal` is aborted,
 * nothing is retried.
 * @throws error with code `HISTORY` when the database is half restored.
 */
export async function openHistory(
  db: Db,
  lease: Pick<Lease, 'grant' | 'check'>,
  origin: Origin,
  texts: readonly MigrationText[],
  signal?: AbortSignal,
): Promise<OpenHistory> {
  const [changelog, events] = await Promise.all([readChangelog(db), readEvents(db), refuseUnfinished(db)]);
  const recorder = recorderFor(db, lease.grant, origin, () => lease.check(), signal);
  let prepared: Promise<void> | undefined;
  return {
    statuses: judgeHistory(texts, changelog, events),
    recorder: {
      record: async (type, details) => {
        await (prepared ??= prepare(db, recorder, events));
        return recorder.record(type, details);
      },
    },
  };
}

/**
 * Marks attempts that began and never ended as interrupted. The process that began such an attempt has lost the lease, so it cannot record
 * the end of the attempt.
 */
async function prepare(db: Db, recorder: Recorder, events: readonly StoredEvent[]): Promise<void> {
  await withRetry(() => Promise.all([ensureChangelogIndex(db), ensureHistoryIndex(db)]));
  for (const { migration, direction, attempt } of interruptedAttempts(events)) {
    await recorder.record('interrupted', { ...(migration && { migration }), ...(direction && { direction }), attempt });
  }
}

/** Returns whether the database has any record of migrations. Empty collections do not count. */
export async function knowsMigrations(db: Db): Promise<boolean> {
  const own = [changelogName(db), ownCollections.history];
  const found = await Promise.all(own.map((name) => db.collection(name).findOne({}, { readPreference: 'primary' })));
  return found.some((document) => document !== null);
}

/** Returns the current state of every migration. Writes nothing. */
export async function lookAtHistory(db: Db, texts: readonly MigrationText[]): Promise<MigrationStatus[]> {
  const [changelog, events] = await Promise.all([readChangelog(db), readEvents(db)]);
  return judgeHistory(texts, changelog, events);
}
