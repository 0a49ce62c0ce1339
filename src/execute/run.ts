import { describeHolder, openHistory, settle, takeLease, type Lease, type OpenHistory } from '../history';
import {
  withLeaseConnection,
  withRetry,
  type Connection,
  type LeaseConnection,
  type Target,
} from '../database';
import { endingOf, releaseQuietly, type Ending } from './ending';
import { withFence } from './fence';
import { giveUpLostReplies } from './lost-replies';
import type { StepOutcome } from './data-steps';
import type { Session } from './session';
import { openProject, type Project } from '../project/project';
import { SchemaError } from '../support/schema-error';

/** What a run tells while it runs. */
export type RunEvent =
  /** Somebody else holds the lease. */
  | { readonly type: 'waiting'; readonly holder: string }
  /** The server could not be reached, or its primary changed; the run tries again. */
  | { readonly type: 'retrying'; readonly reason: string }
  /** A command has been running for long. */
  | { readonly type: 'slow'; readonly message: string }
  | { readonly type: 'warning'; readonly message: string }
  /** Worth knowing, and no cause for worry. */
  | { readonly type: 'note'; readonly message: string }
  /** How far a data step or an index build has come, of how many documents; or of how many of something else. */
  | {
      readonly type: 'progress';
      readonly what: string;
      readonly done: number;
      readonly total: number;
      readonly unit?: string;
    }
  | { readonly type: 'migration'; readonly migration: RunMigration };

export interface RunMigration {
  readonly name: string;
  readonly direction: 'up' | 'down';
  /** It is written without verbs: nothing is known of what it did. Absent where that is not so. */
  readonly isPlain?: true;
  readonly milliseconds: number;
  readonly changes: readonly { readonly at: readonly string[]; readonly outcome: 'done' | 'already' | 'kept' }[];
  /** What each of its data steps did, in order. */
  readonly data: readonly StepOutcome[];
}

/** The options of every run that writes. */
export interface RunOptions extends Target {
  /** The folder of the migrations; this repository's own unless given. */
  readonly folder?: string | undefined;
  /** The commit that the history names; what is checked out in the folder of the migrations unless given. */
  readonly commit?: string | undefined;
  /** How long to wait for the lease of another run, in milliseconds. A minute unless given. */
  readonly lockTimeout?: number | undefined;
  /** How long the lease of a run that dies stays taken, in seconds: 10 to 30. 30 unless given. */
  readonly leaseSeconds?: number | undefined;
  /** How long a command may wait for a lock before the application notices, in milliseconds. 5 s unless given. */
  readonly ddlWait?: number | undefined;
  /**
   * Stops the run. A command that changes the schema is let come to its end first; whatever else is on its way is given up
   * after 5 s.
   */
  readonly signal?: AbortSignal | undefined;
  /** Ends the run at once. When the server has not answered a write by then, the lease is not released, and runs out. */
  readonly abandon?: AbortSignal | undefined;
  readonly onEvent?: ((event: RunEvent) => void) | undefined;
}

/** A run that holds the lease. */
export interface Run extends LeaseConnection, OpenHistory {
  readonly project: Project;
  readonly lease: Lease;
  /** Aborted, with the error that the run ends with, when it must end: nothing is tried again then. */
  readonly ending: AbortSignal;
  /** What writes go through; it may lose documents where that is asked for by the migration's name. */
  readonly session: (allowDataLoss?: boolean) => Session;
}

/** What else a run does around its work. */
export interface RunHooks {
  /** Looks, and may refuse, before the lease is taken and anything is written. */
  readonly before?: (connection: Connection) => Promise<void>;
  /** What becomes of the lease when all went well; it is released unless given. */
  readonly finish?: (lease: Lease) => Promise<void>;
}

/** What every run does unless it is told otherwise: the lease in seconds, the others in milliseconds. */
const defaults = { leaseSeconds: 30, lockTimeout: 60_000, ddlWait: 5_000 } as const;

/**
 * Connects, takes the lease, reads the history, works, and gives the lease back.
 * @throws error with code `LOCKED` when the lease is not free in time, or is lost.
 */
export async function withRun<T>(
  purpose: string,
  options: RunOptions,
  work: (run: Run) => Promise<T>,
  { before, finish = releaseQuietly }: RunHooks = {},
): Promise<T> {
  const project = openProject(options.folder, options.changelog);
  const leaseSeconds = options.leaseSeconds ?? defaults.leaseSeconds;
  return withLeaseConnection({ ...options, leaseSeconds }, (connection) => {
    const ending = endingOf(connection, options);
    return ending.during(async () => {
      const retry = {
        onRetry: (reason: string) => options.onEvent?.({ type: 'retrying', reason }),
        ...(options.signal && { signal: options.signal }),
      };
      const { bookkeeping, server } = connection;
      // It looks at little, and nothing else bounds it before the lease is held.
      await withRetry(async () => before?.({ db: bookkeeping, server }), retry);
      const lease = await takeLease(bookkeeping, {
        purpose,
        seconds: leaseSeconds,
        timeout: options.lockTimeout ?? defaults.lockTimeout,
        onWait: (holder) => options.onEvent?.({ type: 'waiting', holder: describeHolder(holder) }),
        ...(options.signal && { signal: options.signal }),
      });
      ending.holding(lease);
      const replies = giveUpLostReplies(connection, lease, ending.signal, {
        leaseSeconds,
        onWarning: (message) => options.onEvent?.({ type: 'warning', message }),
      });
      const origin = { server: server.version, folder: options.folder, commit: options.commit };
      try {
        const history = await withRetry(
          () => openHistory(bookkeeping, lease, origin, project.texts, ending.signal),
          retry,
        );
        const session = sessions(connection, lease, ending, options);
        const run: Run = {
          ...connection,
          get db() {
            return connection.db;
          },
          ...history,
          project,
          lease,
          session,
          ending: ending.signal,
        };
        const doWork = () => work(run);
        const settled = () => (replies.hasLostWrite() ? Promise.resolve() : settle(bookkeeping, lease.grant));
        const result = await (lease.grant.unsettled ? withFence(session(), settled, doWork) : doWork());
        replies.stop();
        await finish(lease);
        return result;
      } catch (error) {
        await ending.giveUp(lease);
        throw error;
      } finally {
        replies.stop();
      }
    });
  });
}

function sessions(connection: LeaseConnection, lease: Lease, ending: Ending, options: RunOptions) {
  const { bookkeeping, traffic, server } = connection;
  const noted = new Set<string>();
  return (allowDataLoss = false): Session => ({
    // Each try works with the client that is there by then.
    get db() {
      return connection.db;
    },
    bookkeeping,
    ending: ending.signal,
    progress: () => ({ commands: traffic.commands, writes: traffic.writes }),
    beforeRetry: () => traffic.lost.refuseThird(),
    isReplicaSet: server.isReplicaSet,
    token: lease.grant.token,
    guard: async () => {
      refuseStopped(options.signal);
      ending.signal.throwIfAborted();
      await lease.check();
    },
    guardToTheEnd: () => lease.check(),
    ddlWait: options.ddlWait ?? defaults.ddlWait,
    allowDataLoss,
    onSlow: (message) => options.onEvent?.({ type: 'slow', message }),
    onNote: (message) => {
      if (!noted.has(message)) options.onEvent?.({ type: 'note', message });
      noted.add(message);
    },
  });
}

/** @throws error with code `ABORTED` once the run was told to stop. */
export function refuseStopped(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new SchemaError('ABORTED', 'The run was stopped');
}
