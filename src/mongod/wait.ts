import { setTimeout as sleep } from 'node:timers/promises';
import { MongoClient, MongoNetworkError, MongoServerError, MongoServerSelectionError } from 'mongodb';
import { SchemaError } from '../support/schema-error';
import type { MongoUrl } from '../support/mongo-url';

export interface WaitOptions {
  /** The longest wait, in seconds. */
  readonly seconds: number;
  /** Called with the reason why the server is not usable yet, whenever the reason changes. */
  readonly onWait?: (reason: string) => void;
  /** Ends the wait. */
  readonly signal?: AbortSignal;
}

/** How long one attempt may take to find the server, in milliseconds. */
const patience = 2_000;
const pause = 500;
const authenticationFailed = 18;

/**
 * Waits until a server can be reached and accepts the login. A container's health check may pass before the container has created the
 * users. So this function also waits while the login is refused.
 * @throws error with code `NO_SERVER` when the time is up; ABORTED when `signal` ends the wait; any other error of the driver immediately
 */
export async function waitForServer(url: MongoUrl, { seconds, onWait, signal }: WaitOptions): Promise<void> {
  const end = performance.now() + seconds * 1000;
  for (let reported = ''; ;) {
    const reason = await tryToUse(url, Math.min(patience, Math.max(end - performance.now(), pause)));
    if (reason === undefined) return;
    if (signal?.aborted) throw new SchemaError('ABORTED', 'Stopped while waiting for the server');
    if (performance.now() >= end) {
      throw new SchemaError('NO_SERVER', `The server did not become usable within ${seconds} s`, { why: reason });
    }
    if (reason !== reported) onWait?.(reason);
    reported = reason;
    await sleep(Math.min(pause, Math.max(end - performance.now(), 1)));
  }
}

/** Returns why the server is not usable yet; undefined when it is usable. Stops searching for the server after this many milliseconds. */
async function tryToUse(url: MongoUrl, milliseconds: number): Promise<string | undefined> {
  const client = new MongoClient(url.withoutOverridden().reveal(), {
    serverSelectionTimeoutMS: milliseconds,
    connectTimeoutMS: milliseconds,
  });
  try {
    await client.db('admin').command({ ping: 1 });
    return undefined;
  } catch (error) {
    if (error instanceof MongoServerSelectionError || error instanceof MongoNetworkError) return error.message;
    if (error instanceof MongoServerError && error.code === authenticationFailed) {
      return `it refuses the login (${error.message})`;
    }
    throw error;
  } finally {
    await client.close();
  }
}
