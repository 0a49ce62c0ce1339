import { describeHolder, openHistory, takeLease, withRetry, type Lease, type OpenHistory } from '../history';
import type { Session } from '../migration';
import type { Connection, Target } from './connection';
import { withConnection } from './connection';
import { openProject, type Project } from './project';

/** What a run tells while it runs. */
export type RunEvent =
  /** Somebody else holds the lease. */
  | { readonly type: 'waiting'; readonly holder: string }
  /** The server could not be reached, or its primary changed; the run tries again. */
  | { readonly type: 'retrying'; readonly reason: string }
  /** A command has been running for long. */
  | { readonly type: 'slow'; readonly message: string }
  | { readonly type: 'warning'; readonly message: string }
  /** How far a data step has come, of how many documents. */
  | { readonly type: 'progress'; readonly what: string; readonly done: number; readonly total: number }
  | { readonly type: 'migration'; readonly migration: RunMigration };

export interface RunMigration {
  readonly name: string;
  readonly direction: 'up' | 'down';
  readonly milliseconds: number;
  readonly changes: readonly { readonly at: readonly string[]; readonly outcome: 'done' | 'already' | 'kept' }[];
}

/** What every run that writes can be told. */
export interface RunOptions extends Target {
  /** The folder of the migrations; this repository's own unless given. */
  readonly folder?: string | undefined;
  /** How long to wait for the lease of another run, in milliseconds. A minute unless given. */
  readonly lockTimeout?: number | undefined;
  /** How long the lease of a run that dies stays taken, in seconds: 2 to 30. 30 unless given. */
  readonly leaseSeconds?: number | undefined;
  /** How long a command may wait for a lock before the application notices, in milliseconds. 5 s unless given. */
  readonly ddlWait?: number | undefined;
  /** Stops the run after the command that is on its way. */
  readonly signal?: AbortSignal | undefined;
  readonly onEvent?: ((event: RunEvent) => void) | undefined;
}

/** A run that holds the lease. */
export interface Run extends Connection, OpenHistory {
  readonly project: Project;
  readonly lease: Lease;
  /** What writes go through; it may lose documents where that is asked for by the migration's name. */
  session(allowDataLoss?: boolean): Session;
}

/**
 * Connects, looks (`before`, which may refuse while nothing has been written yet), takes the lease, reads the history,
 * works, and gives the lease back.
 * @throws Error with code `LOCKED` when the lease is not free in time, or is lost.
 */
export async function withRun<T>(
  purpose: string,
  options: RunOptions,
  work: (run: Run) => Promise<T>,
  before?: (connection: Connection) => Promise<void>,
): Promise<T> {
  const project = openProject(options.folder);
  return withConnection(options, async (connection) => {
    const retry = {
      onRetry: (reason: string) => options.onEvent?.({ type: 'retrying', reason }),
      ...(options.signal && { signal: options.signal }),
    };
    await withRetry(async () => before?.(connection), retry);
    const { db, heartbeat, server } = connection;
    const lease = await takeLease(heartbeat, {
      purpose,
      seconds: options.leaseSeconds ?? 30,
      timeout: options.lockTimeout ?? 60_000,
      onWait: (holder) => options.onEvent?.({ type: 'waiting', holder: describeHolder(holder) }),
      ...(options.signal && { signal: options.signal }),
    });
    try {
      const history = await withRetry(() => openHistory(db, lease, server.version, project.texts), retry);
      return await work({ ...connection, ...history, project, lease, session: sessions(connection, lease, options) });
    } finally {
      // Also after a failure; a lease that is lost already, or a server that is gone, changes nothing of the outcome.
      await lease.release().catch(() => undefined);
    }
  });
}

function sessions({ db, server }: Connection, lease: Lease, options: RunOptions) {
  return (allowDataLoss = false): Session => ({
    db,
    isReplicaSet: server.isReplicaSet,
    guard: async () => {
      refuseStopped(options.signal);
      await lease.check();
    },
    ddlWait: options.ddlWait ?? 5_000,
    allowDataLoss,
    onSlow: (message) => options.onEvent?.({ type: 'slow', message }),
  });
}

/** @throws Error with code `ABORTED` once the run was told to stop. */
export function refuseStopped(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw Object.assign(new Error('The run was stopped.'), { code: 'ABORTED' });
}
