import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Db } from 'mongodb';
import { unlessAborted } from '../support/abort';
import { oneLine } from '../support/printable';
import { SchemaError } from '../support/schema-error';
import {
  holds,
  markRecording,
  readLease,
  release,
  renew,
  tryTake,
  type Grant,
  type LeaseDocument,
} from './lease-document';
import { withRetry } from '../database/retry';

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
  /** Aborted, with the error, once the lease is lost: at the latest when it runs out, whatever the server answers until then. */
  readonly lost: AbortSignal;
  /** When it runs out unless it is renewed, on this machine's clock. */
  expiresAt(): Date;
  /**
   * Resolves while this process holds the lease, as the primary says.
   * @throws error with code `LOCKED` once it is lost.
   */
  check(): Promise<void>;
  release(): Promise<void>;
  /** Stops renewing, so that it runs out: for what was sent and may still come to the server. */
  leaveToRunOut(): void;
  /** Stops renewing, and leaves the lease to whoever sees the changelog's row come or go. */
  leaveRecording(recording: NonNullable<LeaseDocument['recording']>): Promise<void>;
}

const pollEvery = 250;
const sayEvery = 10_000;
/** A lease is renewed so many times before it would run out. */
const renewalsPerLease = 6;

/**
 * Takes the lease, waiting for it within bounds. `bookkeeping` is a database handle on a client of its own: renewing must
 * neither queue behind the commands of the run nor wait for ever.
 * @throws error with code `LOCKED` naming the holder when it is not free in time.
 */
export async function takeLease(bookkeeping: Db, options: LeaseOptions): Promise<Lease> {
  const started = performance.now();
  let saidAt = Number.NEGATIVE_INFINITY;
  for (;;) {
    const taken = await takeOnce(bookkeeping, options);
    if (taken) return keep(bookkeeping, taken, options.seconds);
    const waited = performance.now() - started;
    const holder = await withRetry(() => readLease(bookkeeping), { signal: options.signal });
    if (holder?.owner && waited >= options.timeout) throw lockedError(holder, options.timeout);
    if (options.signal?.aborted) throw new SchemaError('ABORTED', 'The run was stopped while it waited for the lease');
    if (holder?.owner && waited - saidAt >= sayEvery) {
      options.onWait?.(holder);
      saidAt = waited;
    }
    await sleep(Math.min(pollEvery, Math.max(options.timeout - waited, 1)));
  }
}

interface Taken {
  readonly grant: Grant;
  /** When it was asked for, on this machine's monotonic clock: the server counts from no earlier. */
  readonly askedAt: number;
}

/** Tries once, and again only when the server does not answer. */
async function takeOnce(db: Db, { purpose, seconds, above, signal }: LeaseOptions): Promise<Taken | undefined> {
  const id = randomUUID();
  let [tries, askedAt] = [0, 0];
  const ask = () => {
    tries++;
    askedAt = performance.now();
  };
  const grant = await withRetry(
    () => {
      ask();
      return tryTake(db, purpose, seconds, above, id);
    },
    { signal },
  );
  if (!grant || tries === 1) return grant && { grant, askedAt };
  // An earlier try may have taken it, and it counts from then.
  const isOurs = await withRetry(
    () => {
      ask();
      return renew(db, grant, seconds);
    },
    { signal },
  );
  return isOurs ? { grant, askedAt } : undefined;
}

function lockedError(holder: LeaseDocument, timeout: number): SchemaError {
  return new SchemaError('LOCKED', `Another run holds the lease, and did not release it within ${timeout / 1000} s`, {
    why: describeHolder(holder),
    fix: 'wait longer with --lock-timeout; `unlock` names the holder, and clears the lease of a holder that is gone',
  });
}

/** `deploy by ann on host-1 (pid 42), since 2026-01-31T09:30:00.000Z`. */
export function describeHolder({ owner, taken_at, recording }: LeaseDocument): string {
  if (!owner) return 'nobody';
  const { purpose, user, host, pid } = owner;
  const state = recording ? `, done and recording ${oneLine(recording.migration)}` : '';
  return `${oneLine(purpose)} by ${oneLine(user)} on ${oneLine(host)} (pid ${pid}), since ${taken_at?.toISOString() ?? 'unknown'}${state}`;
}

function keep(db: Db, { grant, askedAt }: Taken, seconds: number): Lease {
  const controller = new AbortController();
  const lost = controller.signal;
  // Whoever waits for an answer listens, however many they are.
  setMaxListeners(0, lost);
  const lose = () => {
    if (!lost.aborted) controller.abort(lostError());
  };
  // On this machine's monotonic clock, and no later than on the server's: it is read before the server is asked.
  let goodUntil = 0;
  let watchdog: NodeJS.Timeout | undefined;
  const holdsSince = (asked: number) => {
    goodUntil = asked + seconds * 1000;
    clearTimeout(watchdog);
    watchdog = setTimeout(lose, Math.max(goodUntil - performance.now(), 0));
    watchdog.unref();
  };
  holdsSince(askedAt);
  let renewing: Promise<void> | undefined;
  const renewOnce = async () => {
    const asked = performance.now();
    try {
      if (await renew(db, grant, seconds)) holdsSince(asked);
      else lose();
    } catch {
      // A failover is no loss: the lease is lost when it could not be renewed until it ran out.
    }
  };
  const timer = setInterval(
    () => {
      if (!lost.aborted) renewing ??= renewOnce().finally(() => (renewing = undefined));
    },
    (seconds * 1000) / renewalsPerLease,
  );
  timer.unref();
  const stop = () => {
    clearInterval(timer);
    clearTimeout(watchdog);
  };
  const stopAndSettle = async () => {
    stop();
    await renewing;
    // What was on its way has set it again.
    stop();
  };
  const ask = shareOneAtATime(async () => {
    const isHeld = await withRetry(() => holds(db, grant), { signal: lost });
    // This machine's clock counts too: the process may have been paused after the server answered.
    if (!isHeld || performance.now() > goodUntil) lose();
  });
  return {
    grant,
    lost,
    expiresAt: () => new Date(Date.now() + goodUntil - performance.now()),
    check: async () => {
      lost.throwIfAborted();
      await unlessAborted(lost, ask());
      lost.throwIfAborted();
    },
    release: async () => {
      await stopAndSettle();
      await withRetry(() => release(db, grant), { patience: (seconds * 1000) / renewalsPerLease });
    },
    leaveToRunOut: stop,
    leaveRecording: async (recording) => {
      await stopAndSettle();
      await markRecording(db, grant, recording, seconds);
    },
  };
}

function lostError(): SchemaError {
  return new SchemaError('LOCKED', 'This run lost its lease, so it sends nothing more', {
    why: 'it was paused or cut off for longer than the lease lasts, or somebody cleared the lease',
    fix: 'run again: what it did is recorded, and only the rest is done',
  });
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
