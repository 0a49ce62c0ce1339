import { isHeld, readLease, recorderFor, release, takeOver, type LeaseDocument } from '../history';
import { withLeaseConnection, type Target } from '../database/connection';
import type { RunOptions } from '../execute/run';

export interface UnlockOptions extends Target, Pick<RunOptions, 'commit' | 'folder'> {
  /** Clears the lease. */
  readonly force?: boolean | undefined;
}

export interface UnlockReport {
  /** The present or last holder of the lease; undefined when nobody holds it. */
  readonly holder?: LeaseDocument;
  /** Whether the holder still renews the lease. */
  readonly isHeld: boolean;
  readonly cleared: boolean;
}

const leaseSeconds = 10;

/**
 * Shows the holder of the lease. With `force`, clears the lease and records this in the history. The run that held the lease notices this
 * before its next write, and sends nothing more.
 */
export async function unlock(options: UnlockOptions): Promise<UnlockReport> {
  return withLeaseConnection({ ...options, leaseSeconds }, async ({ bookkeeping: db, server }) => {
    const [holder, held] = await Promise.all([readLease(db), isHeld(db)]);
    const report = { ...(holder?.owner && { holder }), isHeld: held };
    if (!options.force || !holder?.owner) return { ...report, cleared: false };
    const grant = await takeOver(db, holder.token, 'unlock', leaseSeconds);
    if (!grant) return { ...report, cleared: false };
    try {
      const { user, host, pid } = holder.owner;
      const reason = `cleared the lease of ${user} on ${host} (pid ${pid}), token ${holder.token}`;
      await recorderFor(db, grant, { server: server.version, folder: options.folder, commit: options.commit }).record(
        'unlocked',
        { reason },
      );
    } finally {
      await release(db, grant);
    }
    return { ...report, cleared: true };
  });
}
