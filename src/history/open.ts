import type { Db } from 'mongodb';
import { ensureChangelogIndex, readChangelog } from './changelog';
import { ensureHistoryIndex, readEvents } from './events';
import { interruptedAttempts, judgeHistory, type MigrationStatus, type MigrationText } from './integrity';
import type { Grant } from './lease';
import { recorderFor, type Recorder } from './recorder';

/** What a holder of the lease works with. */
export interface OpenHistory {
  readonly recorder: Recorder;
  readonly statuses: readonly MigrationStatus[];
}

/**
 * Reads the history once the lease is held: what was read before may have been overtaken. Attempts that began and never
 * ended are marked as interrupted, since nobody is left to end them.
 */
export async function openHistory(
  db: Db,
  grant: Grant,
  server: string,
  texts: readonly MigrationText[],
): Promise<OpenHistory> {
  await Promise.all([ensureChangelogIndex(db), ensureHistoryIndex(db)]);
  const recorder = recorderFor(db, grant, server);
  let events = await readEvents(db);
  const interrupted = interruptedAttempts(events);
  for (const { migration, direction, attempt } of interrupted) {
    await recorder.record('interrupted', { ...(migration && { migration }), ...(direction && { direction }), attempt });
  }
  if (interrupted.length > 0) events = await readEvents(db);
  return { recorder, statuses: judgeHistory(texts, await readChangelog(db), events) };
}

/** The history as it is now, without any right to write: for those who only look. */
export async function lookAtHistory(db: Db, texts: readonly MigrationText[]): Promise<MigrationStatus[]> {
  const [changelog, events] = await Promise.all([readChangelog(db), readEvents(db)]);
  return judgeHistory(texts, changelog, events);
}
