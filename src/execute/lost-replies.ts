import { watchForLostReplies, withRetry, type LeaseConnection } from '../database';
import { unsettle, type Lease } from '../history';

export interface LostReplies {
  /** Ends the watch. */
  readonly stop: () => void;
  /** Whether a write was given up, which may still reach the server. */
  readonly hasLostWrite: () => boolean;
}

/**
 * Gives up commands whose replies are lost, so that the work that waits for them is tried again, and finds what they did. From then
 * on `connection.db` is another handle.
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
    // As long as a run that dies holds others up.
    after: leaseSeconds * 1000,
    onLost: async (commands) => {
      if (ending.aborted) return;
      const what = [...new Set(commands.map((command) => command.what))].join(', ');
      onWarning(`no answer comes to ${what}, and the server is not at work on it: it is given up, and tried again`);
      if (commands.some(({ isWrite }) => isWrite)) {
        lostWrite = true;
        // A write that left may still arrive. When this cannot be noted, the lease is as good as lost.
        await withRetry(() => unsettle(bookkeeping, lease.grant), { signal: ending }).catch(() => undefined);
      }
      connection.reconnect();
    },
  });
  return { stop, hasLostWrite: () => lostWrite };
}
