import { describeHolder, openHistory, settle, takeLease, type Lease, type OpenHistory } from '../history';
import { withLeaseConnection, withRetry, type Connection, type LeaseConnection, type Target } from '../database';
import { endingOf, releaseQuietly, type Ending } from './ending';
import { withFence } from './fence';
import { giveUpLostReplies } from './lost-replies';
import type { StepOutcome } from './data-steps';
import type { Session } from './session';
import { openProject, type Project } from '../project/project';
import { SchemaError } from '../support/schema-error';

/** An event that a run reports. */
export type RunEvent =
  /** Another run holds the lease. */
  | { readonly type: 'waiting'; readonly holder: string }
  /** The server could not be reached, or its primary changed. The run retries. */
  | { readonly type: 'retrying'; readonly reason: string }
  /** A command has been running for a long time. */
  | { readonly type: 'slow'; readonly message: string }
  | { readonly type: 'warning'; readonly message: string }
  /** Information that needs no action. */
  | { readonly type: 'note'; readonly message: string }
  /** The progress of a data step or an index build, in documents or in `unit`. */
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
  /** Set for a migration without verbs: what it did is unknown. */
  readonly isPlain?: true;
  readonly milliseconds: number;
  readonly changes: readonly { readonly at: readonly string[]; readonly outcome: 'done' | 'already' | 'kept' }[];
  /** The outcome of each data step, in order. */
  readonly data: readonly StepOutcome[];
}

/** The options of every run that writes. */
export interface RunOptions extends Target {
  /** The folder of the migrations. The default is this repository's own. */
  readonly folder?: string | undefined;
  /** The commit that the history records. The default is the commit that is checked out in the folder of the migrations. */
  readonly commit?: string | undefined;
  /** How long to wait for the lease of another run, in milliseconds. The default is 60,000. */
  readonly lockTimeout?: number | undefined;
  /** How long the lease lasts after its run has died, in seconds, from 10 to 30. The default is 30. */
  readonly leaseSeconds?: number | undefined;
  /**
   * How long a command may wait for a lock, in milliseconds. Operations of the application wait behind the command. The default is 5,000.
   */
  readonly ddlWait?: number | undefined;
  /**
   * Stops the run. A command that changes the schema may finish first. Other commands are abandoned
   * after 5 s.
   */
  readonly signal?: AbortSignal | undefined;
  /** Ends the run immediately. If the server has not answered a write by then, the lease is not released, and expires. */
  readonly abandon?: AbortSignal | undefined;
  readonly onEvent?: ((event: RunEvent) => void) | undefined;
}

/** A run that holds the lease. */
export interface Run extends LeaseConnection, OpenHistory {
  readonly project: Project;
  readonly lease: Lease;
  /** Is aborted when the run must end; its `reason` is the error of the run. Once the run must end, nothing is retried. */
  readonly ending: AbortSignal;
  /** Returns the session for writes. The session may lose data only if `allowDataLoss` is true. */
  readonly session: (allowDataLoss?: boolean) => Session;
}

/** Functions that a run calls before and after its work. */
export interface RunHooks {
  /** Called before the lease is taken and before anything is written. Checks the database, and may refuse the run. */
  readonly before?: (connection: Connection) => Promise<void>;
  /** Called after success. Decides what happens to the lease, which is released by default. */
  readonly finish?: (lease: Lease) => Promise<void>;
}

/** The defaults of every run: the lease in seconds, the others in milliseconds. */
const defaults = { leaseSeconds: 30, lockTimeout: 60_000, ddlWait: 5_000 } as const;

/**
 * Connects, takes the lease, reads the history, runs the work, and releases the lease.
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
      // `before` reads little, so it uses the bookkeeping client, whose requests have a time limit. Before the lease is held, nothing else
      // limits the time of `before`.
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
    // A getter, so that each attempt uses the present client: a reconnect replaces the client.
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
