import { setTimeout as sleep } from 'node:timers/promises';
import { MongoError, MongoNetworkError, MongoServerError, MongoServerSelectionError } from 'mongodb';
import { reasonOf, SchemaError } from '../support/schema-error';

/** What the server says while it has no primary, or the one we spoke to is stepping down or going away. */
const transientCodes = new Set<unknown>([6, 7, 89, 91, 189, 262, 9001, 10058, 10107, 11600, 11602, 13435, 13436]);

/** A read was overtaken: what it was reading was dropped or renamed. It converges when it is run again. */
export const overtaken = 175;

/** What the driver says of all that was going on through a client that was given up. */
const closedKinds: ReadonlySet<string> = new Set([
  'MongoClientClosedError',
  'MongoExpiredSessionError',
  'MongoNotConnectedError',
  'MongoPoolClosedError',
  'MongoServerClosedError',
  'MongoTopologyClosedError',
]);

/** How long a run keeps trying while the server cannot be reached, in milliseconds: longer than a failover takes. */
const defaultPatience = 60_000;
const pause = 500;
/** A server that comes back again and again, and dies of what it is asked each time, is not asked for ever. */
const mostQuickLosses = 20;

/** What a connection has got done so far: how many commands succeeded, and how many of these were writes. */
export interface Progress {
  readonly commands: number;
  readonly writes: number;
}

export interface RetryOptions {
  /** Told before each new try. */
  readonly onRetry?: ((reason: string) => void) | undefined;
  /** Once it is aborted, the next error is the last one. */
  readonly signal?: AbortSignal | undefined;
  /** How long to keep trying without progress, in milliseconds. A minute unless given. */
  readonly patience?: number | undefined;
  /** Awaited before each new try; what it throws is treated as if the work had thrown it. */
  readonly beforeRetry?: (() => Promise<void>) | undefined;
  /** What was got done so far. Whenever it has grown since the last loss, the patience begins anew. */
  readonly progress?: (() => Progress) | undefined;
}

/**
 * Runs something that converges when it is run again, until it ends otherwise than by a lost connection or a failover.
 * @throws its last error when that is of another kind, or when the signal ends the tries.
 * @throws error with code `CONNECTION_FAILED` when the server stays away for a minute, or is lost 20 times in a row, each time
 * within a minute and before any write succeeded.
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

/** Errors that end the tries: what wraps one is not tried again, though a lost connection is its cause. */
const final = new WeakSet<Error>();

/** Marks an error as one after which nothing is tried again. */
export function finalError<E extends Error>(error: E): E {
  final.add(error);
  return error;
}

function unreachable(cause: unknown, patience: number): SchemaError {
  return finalError(
    new SchemaError('CONNECTION_FAILED', `The server could not be reached for ${patience / 1000} s`, {
      why: reasonOf(cause),
      fix: 'run again when the server is back: only what is left is done',
      cause,
    }),
  );
}

/** Whether an error, or each of those that it stands for, tells of the connection and not of the command. */
export function isTransient(error: unknown): boolean {
  if (error instanceof Error && final.has(error)) return false;
  if (error instanceof AggregateError) return error.errors.every(isTransient);
  if (error instanceof Error && closedKinds.has(error.name)) return true;
  if (error instanceof MongoNetworkError || error instanceof MongoServerSelectionError) return true;
  if (error instanceof MongoServerError && (transientCodes.has(error.code) || error.code === overtaken)) return true;
  if (error instanceof MongoError) return error.hasErrorLabel('RetryableWriteError');
  return error instanceof Error && error.cause !== undefined && isTransient(error.cause);
}
