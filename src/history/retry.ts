import { MongoError, MongoNetworkError, MongoServerError, MongoServerSelectionError } from 'mongodb';

/** What the server says while it has no primary, or the one we spoke to is stepping down or going away. */
const transientCodes = new Set<unknown>([6, 7, 89, 91, 189, 262, 9001, 10107, 11600, 11602, 13435, 13436]);

/** How long a run keeps trying while the server cannot be reached, in milliseconds: longer than a failover takes. */
const patience = 60_000;
const pause = 500;

export interface RetryOptions {
  /** Told before each new try. */
  readonly onRetry?: ((reason: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs something that converges when it is run again, until it ends otherwise than by a lost connection or a failover.
 * @throws its last error, when that is of another kind or the server stays away for a minute.
 */
export async function withRetry<T>(work: () => Promise<T>, { onRetry, signal }: RetryOptions = {}): Promise<T> {
  let giveUpAt: number | undefined;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      giveUpAt ??= performance.now() + patience;
      if (!isTransient(error) || performance.now() > giveUpAt || signal?.aborted) throw error;
      onRetry?.(error instanceof Error ? error.message : String(error));
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
}

/** Whether an error, or each of those that it stands for, tells of the connection and not of the command. */
export function isTransient(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.every(isTransient);
  if (error instanceof MongoNetworkError || error instanceof MongoServerSelectionError) return true;
  if (error instanceof MongoServerError && transientCodes.has(error.code)) return true;
  if (error instanceof MongoError) return error.hasErrorLabel('RetryableWriteError');
  return error instanceof Error && error.cause !== undefined && isTransient(error.cause);
}
