import { forceRelease, isHeld, readLease, recorderFor, takeLease, type LeaseDocument } from '../history';
import { withConnection, type Target } from './connection';

export interface UnlockOptions extends Target {
  /** Clears the lease. */
  readonly force?: boolean | undefined;
}

export interface UnlockReport {
  /** Who holds the lease, or held it; absent when nobody does. */
  readonly holder?: LeaseDocument;
  /** Whether its holder still renews it. */
  readonly isHeld: boolean;
  readonly cleared: boolean;
}

/**
 * Shows who holds the lease; with `force`, clears it and records that. A run that is cleared so finds out before its next
 * write, and sends nothing more.
 */
export async function unlock(options: UnlockOptions): Promise<UnlockReport> {
  return withConnection(options, async ({ db, heartbeat, server }) => {
    const [holder, held] = await Promise.all([readLease(db), isHeld(db)]);
    const report = { ...(holder?.owner && { holder }), isHeld: held };
    if (!options.force || !holder?.owner) return { ...report, cleared: false };
    const cleared = await forceRelease(db, holder.token);
    const lease = await takeLease(heartbeat, { purpose: 'unlock', seconds: 10, timeout: 10_000 });
    try {
      const { user, host, pid } = holder.owner;
      const reason = `cleared the lease of ${user} on ${host} (pid ${pid}), token ${holder.token}`;
      await recorderFor(db, lease.grant, server.version).record('unlocked', { reason });
    } finally {
      await lease.release();
    }
    return { ...report, cleared: cleared !== null };
  });
}
