import type { Db } from 'mongodb';
import { holds, markRecording, readLease, release, renew, tryTake, type Grant, type LeaseDocument } from './lease';
import { withRetry } from './retry';

export interface LeaseOptions {
  /** What the holder is at: `deploy`, `up of 2026…-users.ts`. */
  readonly purpose: string;
  /** How long a lease lasts when it is not renewed, in seconds. */
  readonly seconds: number;
  /** How long to wait for somebody else's lease, in milliseconds. */
  readonly timeout: number;
  /** The lease's token will be greater: for a database that is given a history from elsewhere. */
  readonly above?: number;
  /** Told, at first and then every ten seconds, who is being waited for. */
  readonly onWait?: (holder: LeaseDocument) => void;
  /** Ends the wait. */
  readonly signal?: AbortSignal;
}

/** A lease that this process holds, and renews until it is released or lost. */
export interface Lease {
  readonly grant: Grant;
  /**
   * Resolves while this process holds the lease, as the primary says.
   * @throws Error with code `LOCKED` once it is lost.
   */
  check(): Promise<void>;
  release(): Promise<void>;
  /** Stops renewing, and leaves the lease to whoever sees the changelog's row come or go. */
  leaveRecording(recording: NonNullable<LeaseDocument['recording']>): Promise<void>;
}

const pollEvery = 250;
const sayEvery = 10_000;
/** A lease is renewed so many times before it would run out. */
const renewalsPerLease = 6;

/**
 * Takes the lease, waiting for it within bounds. `heartbeat` is a database handle on a client of its own: renewing must
 * not queue behind the commands of the run.
 * @throws Error with code `LOCKED` naming the holder when it is not free in time.
 */
export async function takeLease(heartbeat: Db, options: LeaseOptions): Promise<Lease> {
  const started = performance.now();
  let saidAt = Number.NEGATIVE_INFINITY;
  for (;;) {
    const grant = await withRetry(() => tryTake(heartbeat, options.purpose, options.seconds, options.above));
    if (grant) return keep(heartbeat, grant, options.seconds);
    const waited = performance.now() - started;
    const holder = await withRetry(() => readLease(heartbeat));
    if (holder?.owner && waited >= options.timeout) throw lockedError(holder, options.timeout);
    if (options.signal?.aborted)
      throw Object.assign(new Error('Stopped while waiting for the lease.'), { code: 'ABORTED' });
    if (holder?.owner && waited - saidAt >= sayEvery) {
      options.onWait?.(holder);
      saidAt = waited;
    }
    await sleep(Math.min(pollEvery, Math.max(options.timeout - waited, 1)));
  }
}

function lockedError(holder: LeaseDocument, timeout: number): Error {
  const message =
    `Another run holds the lease, and ${timeout / 1000} s were not enough to wait for it: ${describeHolder(holder)}. ` +
    'Wait longer with --lock-timeout; `unlock` shows the holder, and clears a lease that nobody is left to give up.';
  return Object.assign(new Error(message), { code: 'LOCKED' });
}

/** `deploy by ann on host-1 (pid 42), since 2026-01-31T09:30:00.000Z`. */
export function describeHolder({ owner, taken_at, recording }: LeaseDocument): string {
  if (!owner) return 'nobody';
  const { purpose, user, host, pid } = owner;
  const state = recording ? `, done and recording ${recording.migration}` : '';
  return `${purpose} by ${user} on ${host} (pid ${pid}), since ${taken_at?.toISOString() ?? 'unknown'}${state}`;
}

function keep(db: Db, grant: Grant, seconds: number): Lease {
  let lost: Error | undefined;
  // On this machine's monotonic clock, and no later than on the server's: it is read before the server is asked.
  let goodUntil = performance.now() + seconds * 1000;
  let renewing: Promise<void> = Promise.resolve();
  const renewOnce = async () => {
    const askedAt = performance.now();
    try {
      if (await renew(db, grant, seconds)) goodUntil = askedAt + seconds * 1000;
      else lost = lostError();
    } catch {
      // A failover is no loss: the lease is lost when it could not be renewed until it ran out.
      if (performance.now() > goodUntil) lost = lostError();
    }
  };
  const timer = setInterval(
    () => {
      if (!lost) renewing = renewing.then(renewOnce);
    },
    (seconds * 1000) / renewalsPerLease,
  );
  timer.unref();
  const stop = async () => {
    clearInterval(timer);
    await renewing;
  };
  const ask = shareOneAtATime(async () => {
    // This machine's clock counts too: the process may have been paused after the server answered.
    if (!(await holds(db, grant)) || performance.now() > goodUntil) lost = lostError();
  });
  return {
    grant,
    check: async () => {
      if (!lost) await ask();
      if (lost) throw lost;
    },
    release: async () => {
      await stop();
      await release(db, grant);
    },
    leaveRecording: async (recording) => {
      await stop();
      await markRecording(db, grant, recording, seconds);
    },
  };
}

function lostError(): Error {
  const message =
    'This run lost its lease (it was paused, cut off, or cleared by somebody), so it sends nothing more. ' +
    'What it did is recorded; run again to do the rest.';
  return Object.assign(new Error(message), { code: 'LOCKED' });
}

/**
 * Callers that come in one go share one question to the server. One that comes while a question is on its way waits for
 * the next: an answer must be younger than the call.
 */
function shareOneAtATime(ask: () => Promise<void>): () => Promise<void> {
  let next: Promise<void> | undefined;
  let current: Promise<void> = Promise.resolve();
  return () => {
    next ??= current
      .catch(() => undefined)
      .then(() => {
        next = undefined;
        return (current = ask());
      });
    return next;
  };
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
