import { watchForLostReplies, withRetry, type LeaseConnection } from '../database';
import { unsettle, type Lease } from '../history';

export interface LostReplies {
  /** Stops watching. */
  readonly stop: () => void;
  /** Returns whether a write was abandoned. It may still reach the server. */
  readonly hasLostWrite: () => boolean;
}

/**
 * Abandons commands whose replies are lost. The waiting work is then retried, and finds what the commands did. Afterwards
 * `connection.db` is a new handle.
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
    // A dead run blocks other runs for the same time.
    after: leaseSeconds * 1000,
    onLost: async (commands) => {
      if (ending.aborted) return;
      const what = [...new Set(commands.map((command) => command.what))].join(', ');
      onWarning(
        `the server does not answer ${what}, and is no longer running this command: the command is abandoned and retried`,
      );
      if (commands.some(({ isWrite }) => isWrite)) {
        lostWrite = true;
        // An abandoned write may still arrive. When this cannot be recorded, treat the lease as lost.
        await withRetry(() => unsettle(bookkeeping, lease.grant), { signal: ending }).catch(() => undefined);
      }
      connection.reconnect();
    },
  });
  return { stop, hasLostWrite: () => lostWrite };
}
