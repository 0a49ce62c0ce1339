import type { Db } from 'mongodb';
import { countStates } from '../deploy';
import {
  interruptedAttempts,
  isHalfRestored,
  isHeld,
  judgeHistory,
  readChangelog,
  readEvents,
  type MigrationStatus,
  type StoredEvent,
} from '../history';
import type { Project } from '../project';
import { driftFrom } from '../review';
import type { Emit } from './families';

/** The status of every migration, and the events of the history. */
export interface Known {
  readonly statuses: readonly MigrationStatus[];
  readonly events: readonly StoredEvent[];
}

export async function readKnown(db: Db, { texts }: Project): Promise<Known> {
  const [changelog, events] = await Promise.all([readChangelog(db), readEvents(db)]);
  return { statuses: judgeHistory(texts, changelog, events), events };
}

/** Emits the numbers of pending and broken migrations, the lease, and the result of the last deploy. */
export async function emitHistory(db: Db, { statuses, events }: Known, emit: Emit): Promise<void> {
  const { pending, broken } = countStates(statuses);
  emit('schema_migrations_pending', pending);
  emit('schema_migrations_broken', broken);
  const [isLeaseHeld, isUnfinished] = await Promise.all([isHeld(db), isHalfRestored(db)]);
  emit('schema_lease_held', isLeaseHeld);
  emit('schema_restore_unfinished', isUnfinished);
  // If nobody holds the lease, no run exists that could still end an attempt, so an attempt without an end counts as interrupted.
  const cutOff = new Set(isLeaseHeld ? [] : interruptedAttempts(events));
  const last = events.findLast((event) => event.direction === 'up' && (endTypes.has(event.type) || cutOff.has(event)));
  if (!last) return;
  emit('schema_last_deploy_timestamp_seconds', last.at.getTime() / 1000);
  emit('schema_last_deploy_failed', last.type !== 'finished');
}

const endTypes: ReadonlySet<StoredEvent['type']> = new Set(['finished', 'failed', 'interrupted']);

/** Emits the number of differences between the database and the schema of the migrations. */
export async function emitDrift(db: Db, project: Project, { statuses }: Known, emit: Emit): Promise<void> {
  emit('schema_drift_differences', (await driftFrom(db, project, statuses)).drift);
}
