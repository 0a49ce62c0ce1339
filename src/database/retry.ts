import { setTimeout as sleep } from 'node:timers/promises';
import { MongoError, MongoNetworkError, MongoServerError, MongoServerSelectionError } from 'mongodb';
import { reasonOf, SchemaError } from '../support/schema-error';

/** Error codes for a replica set that has no primary, or whose primary is stepping down or shutting down. */
const transientCodes = new Set<unknown>([6, 7, 89, 91, 189, 262, 9001, 10058, 10107, 11600, 11602, 13435, 13436]);

/** The error code of a read whose collection was dropped or renamed during the read. If the read is repeated, it finds the new state. */
export const overtaken = 175;

/** The driver's errors for operations of a client that was closed. */
const closedKinds: ReadonlySet<string> = new Set([
  'MongoClientClosedError',
  'MongoExpiredSessionError',
  'MongoNotConnectedError',
  'MongoPoolClosedError',
  'MongoServerClosedError',
  'MongoTopologyClosedError',
]);

/** How long to retry while the server cannot be reached, in milliseconds. A failover takes less time. */
const defaultPatience = 60_000;
const pause = 500;
/**
 * How many times in a row the connection may be lost without a successful write. This ends the retries if a server crashes at each request
 * and restarts.
 */
const mostQuickLosses = 20;

/** The progress of a connection: how many commands succeeded, and how many of these were writes. */
export interface Progress {
  readonly commands: number;
  readonly writes: number;
}

export interface RetryOptions {
  /** Called before each retry. */
  readonly onRetry?: ((reason: string) => void) | undefined;
  /** Once this signal is aborted, the next error is final. */
  readonly signal?: AbortSignal | undefined;
  /** How long to retry without progress, in milliseconds. The default is 60,000. */
  readonly patience?: number | undefined;
  /** Awaited before each retry. Errors of this function are treated like errors of the work. */
  readonly beforeRetry?: (() => Promise<void>) | undefined;
  /** Returns the progress so far. Whenever this progress has grown since the connection was last lost, the time limit starts again. */
  readonly progress?: (() => Progress) | undefined;
}

/**
 * Runs repeatable work, and repeats it after a lost connection or a failover.
 * @throws the last error when its cause is not the connection, or when the signal ends the retries
 * @throws error with code `CONNECTION_FAILED` when the server cannot be reached for a minute. After each successful command, the minute
 * starts again, but at most 20 times in a row without a successful write.
 */
export async function withRetry<T>(work: () => Promise<T>, options: RetryOptions = {}): Promise<T> {
  const { onRetry, signal, patience = defaultPatience, progress, beforeRetry } = options;
  let giveUpAt: number | undefined;
  let quickLosses = 0;
  let isRetry = false;
  for (let before = progress?.(); ; before = progress?.()) {
    const started = performance.now();
    try {
      if (isRetry) await beforeRetry?.();
      return await work();
    } catch (error) {
      if (!isTransient(error) || signal?.aborted) throw error;
      const now = performance.now();
      const [commands, writes] = grown(before, progress?.());
      quickLosses = writes || now - started > patience ? 0 : quickLosses + 1;
      if (commands && quickLosses < mostQuickLosses) giveUpAt = undefined;
      giveUpAt ??= now + patience;
      if (now >= giveUpAt) throw unreachable(error, patience);
      isRetry = true;
      onRetry?.(reasonOf(error));
      await sleep(Math.min(pause, patience));
    }
  }
}

function grown(before: Progress | undefined, after: Progress | undefined): [commands: boolean, writes: boolean] {
  if (!before || !after) return [false, false];
  return [after.commands > before.commands, after.writes > before.writes];
}

/** Errors that end the retries, even if a lost connection is their cause. */
const final = new WeakSet<Error>();

/** Marks an error as final, so that nothing is retried. */
export function finalError<E extends Error>(error: E): E {
  final.add(error);
  return error;
}

function unreachable(cause: unknown, patience: number): SchemaError {
  return finalError(
    new SchemaError('CONNECTION_FAILED', `The server could not be reached for ${patience / 1000} s`, {
      why: reasonOf(cause),
      fix: 'run again when the server is available: only the remaining work is done',
      cause,
    }),
  );
}

/** Returns whether an error, or each error that it combines, is about the connection and not about the command. */
export function isTransient(error: unknown): boolean {
  if (error instanceof Error && final.has(error)) return false;
  if (error instanceof AggregateError) return error.errors.every(isTransient);
  if (error instanceof Error && closedKinds.has(error.name)) return true;
  if (error instanceof MongoNetworkError || error instanceof MongoServerSelectionError) return true;
  if (error instanceof MongoServerError && (transientCodes.has(error.code) || error.code === overtaken)) return true;
  if (error instanceof MongoError) return error.hasErrorLabel('RetryableWriteError');
  return error instanceof Error && error.cause !== undefined && isTransient(error.cause);
}
