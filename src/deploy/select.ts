import { historyError, isBroken, type MigrationStatus } from '../history';
import { resolveName } from '../project/project';

export interface Selection {
  /** The last migration to apply. */
  readonly to?: string | undefined;
  /** Applies migrations again whose `down` was interrupted. */
  readonly resume?: boolean | undefined;
}

/**
 * Returns the migrations to apply now, and the migrations that stay pending.
 * @throws error with code `HISTORY` when the history is broken.
 */
export function selectPending(statuses: readonly MigrationStatus[], { to, resume = false }: Selection) {
  const isResumed = ({ state }: MigrationStatus) => resume && state === 'half rolled back';
  const error = historyError(statuses.filter((status) => isBroken(status) && !isResumed(status)));
  if (error) throw error;
  const pending = statuses.filter((status) => !status.isRecorded || isResumed(status)).map(({ name }) => name);
  if (to === undefined) return { pending, left: [] };
  const last = resolveName(
    statuses.map(({ name }) => name),
    to,
  );
  return { pending: pending.filter((name) => name <= last), left: pending.filter((name) => name > last) };
}
