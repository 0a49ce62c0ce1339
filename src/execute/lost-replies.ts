import { watchForLostReplies, withRetry, type LeaseConnection } from '../database';
import { unsettle, type Lease } from '../history';

export interface LostReplies {
  /** Stops watching. */
  readonly stop: () => void;
  /** Returns whether a write was abandoned. Such a write may still reach the server. */
  readonly hasLostWrite: () => boolean;
}

/**
 * Abandons commands whose replies are lost. The work that waited for the replies is then retried, and finds out what the commands did.
 * Afterwards `connection.db` is a new handle.
 * @see docs/decisions/0011-how-a-run-ends.md
 */
export function giveUpLostReplies(
  connection: LeaseConnection,
  lease: Lease,
  ending: AbortSignal,
  { leaseSeconds, onWarning }: { readonly leaseSeconds: number; readonly onWarning: (message: string) => void },
): LostReplies {
  const { bookkeeping, traffic } = connection;
  let lostWrite = false;
  const stop = watchForLostReplies(bookkeeping, traffic, {
    // This is as long as the lease lasts: a dead run blocks other runs for the same time.
    after: leaseSeconds * 1000,
    onLost: async (commands) => {
      if (ending.aborted) return;
      const what = [...new Set(commands.map((command) => command.what))].join(', ');
      onWarning(
        `the server does not answer ${what}, and is no longer running this command: the command is abandoned and retried`,
      );
      if (commands.some(({ isWrite }) => isWrite)) {
        lostWrite = true;
        // An abandoned write may still arrive, so this is recorded in the lease. If this cannot be recorded, the lease is lost by that
        // time.
        await withRetry(() => unsettle(bookkeeping, lease.grant), { signal: ending }).catch(() => undefined);
      }
      connection.reconnect();
    },
  });
  return { stop, hasLostWrite: () => lostWrite };
}
