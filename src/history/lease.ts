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
  /** What the holder does: `deploy`, `up of 2026…-users.ts`. */
  readonly purpose: string;
  /** How long a lease lasts without renewal, in seconds. */
  readonly seconds: number;
  /** How long to wait for a lease that someone else holds, in milliseconds. */
  readonly timeout: number;
  /** The lease's token will be greater than this number. Used for a database that receives the history of another database. */
  readonly above?: number;
  /** Called with the holder at the start of the wait, and then every ten seconds. */
  readonly onWait?: (holder: LeaseDocument) => void;
  /** Ends the wait for the lease. */
  readonly signal?: AbortSignal;
}

/** A lease that this process holds. The process renews the lease until the lease is released or lost. */
export interface Lease {
  readonly grant: Grant;
  /**
   * Aborted, with the error as its reason, once the lease is lost: at the latest when the lease expires, regardless of what the server has
   * answered.
   */
  readonly lost: AbortSignal;
  /** Returns the time when the lease expires if it is not renewed, by this machine's clock. */
  expiresAt(): Date;
  /**
   * Resolves while this process holds the lease, according to the primary. Asks the primary unless it has answered a moment ago: at most
   * a three-hundredth of the lease, which is 100 ms of 30 s.
   * @throws error with code `LOCKED` once the lease is lost.
   * @see docs/decisions/0027-how-long-a-check-counts.md
   */
  check(): Promise<void>;
  release(): Promise<void>;
  /** Stops renewing, so that the lease expires. Used when a command that was sent may still arrive at the server. */
  leaveToRunOut(): void;
  /** Stops renewing. The lease remains held until the changelog shows the migration in `recording` as applied or rolled back, or until the lease expires. */
  leaveRecording(recording: NonNullable<LeaseDocument['recording']>): Promise<void>;
}

const pollEvery = 250;
const sayEvery = 10_000;
/** How many times a lease is renewed within the time that it lasts. */
const renewalsPerLease = 6;
/** The primary's answer that this process holds the lease counts for this part of the lease. */
const answersPerLease = 300;

/**
 * Takes the lease. If someone else holds the lease, waits up to a limit. `bookkeeping` is a database handle with its own client: a renewal
 * must neither queue behind the commands of the run nor wait without limit.
 * @throws error with code `LOCKED` naming the holder when the lease does not become free in time.
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
  /**
   * When the lease was requested, on this machine's monotonic clock. The server counts the time of the lease from the same moment or later.
   */
  readonly askedAt: number;
}

/** Tries once to take the lease. Repeats the attempt only when the server does not answer. */
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
  // An earlier attempt may have taken the lease. The time of the lease is counted from that attempt, so renew the lease now.
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
    fix: 'wait longer with --lock-timeout; `unlock` shows the holder, and can clear the lease of a process that does not exist any more',
  });
}

/** Returns a text such as `deploy by ann on host-1 (pid 42), since 2026-01-31T09:30:00.000Z`. */
export function describeHolder({ owner, taken_at, recording }: LeaseDocument): string {
  if (!owner) return 'nobody';
  const { purpose, user, host, pid } = owner;
  const state = recording ? `; its work is done, and it is recording ${oneLine(recording.migration)}` : '';
  return `${oneLine(purpose)} by ${oneLine(user)} on ${oneLine(host)} (pid ${pid}), since ${taken_at?.toISOString() ?? 'unknown'}${state}`;
}

function keep(db: Db, { grant, askedAt }: Taken, seconds: number): Lease {
  const controller = new AbortController();
  const lost = controller.signal;
  // Any number of operations may listen to this signal.
  setMaxListeners(0, lost);
  const lose = () => {
    if (!lost.aborted) controller.abort(lostError());
  };
  // When the lease expires, on this machine's monotonic clock. The time is counted from before the request, so the lease never expires
  // later here than on the server.
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
      // A failover is not a loss. The lease is lost only when it could not be renewed before it expired.
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
    // A renewal that was running has started the timer again.
    stop();
  };
  /** When the primary was last asked, and answered that this process holds the lease. */
  let asked: Moment | undefined;
  const ask = shareOneAtATime(async () => {
    const held = await withRetry(
      async () => {
        const now = momentNow();
        return (await holds(db, grant)) ? now : undefined;
      },
      { signal: lost },
    );
    // Check this machine's clock too: the process may have been paused after the server answered.
    if (!held || performance.now() > goodUntil) lose();
    else asked = held;
  });
  const answerCounts = (seconds * 1000) / answersPerLease;
  return {
    grant,
    lost,
    expiresAt: () => new Date(Date.now() + goodUntil - performance.now()),
    check: async () => {
      lost.throwIfAborted();
      if (asked && millisecondsSince(asked) < answerCounts) return;
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

/** A time on both clocks: the monotonic clock may stand still while the machine sleeps, and the wall clock can be set back. */
interface Moment {
  readonly monotonic: number;
  readonly wall: number;
}

function momentNow(): Moment {
  return { monotonic: performance.now(), wall: Date.now() };
}

/** Returns the longer of the two times that the clocks show, and infinity when the wall clock was set back. */
function millisecondsSince({ monotonic, wall }: Moment): number {
  const ofWall = Date.now() - wall;
  return ofWall < 0 ? Number.POSITIVE_INFINITY : Math.max(performance.now() - monotonic, ofWall);
}

function lostError(): SchemaError {
  return new SchemaError('LOCKED', 'This run lost its lease, so it sends no more commands', {
    why: 'the run was paused or disconnected for longer than the lease lasts, or someone cleared the lease',
    fix: 'run again: finished work is recorded, and only the remaining work is done',
  });
}

/**
 * Shares one request between callers that arrive at the same time. A caller that arrives during a request waits for the next request,
 * because the answer must be newer than the call.
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
