import { setMaxListeners } from 'node:events';
import type { LeaseConnection } from '../database';
import type { Lease } from '../history';
import { within } from '../support/abort';
import { isSchemaError, SchemaError } from '../support/schema-error';

/**
 * How long a run may continue after it was told to stop. If the server is still changing the schema for the run at the end of this time,
 * the run waits until this change has ended. This time and the times below are in milliseconds.
 */
const stopsWithin = 5_000;
const looksEvery = 250;
/** How long a run may take to clean up when it has to end. */
const tidiesWithin = 3_000;
const releasesWithin = 2_000;

export interface EndingOptions {
  /** Asks the run to stop. A command that changes the schema may finish first. Everything else ends within a few seconds. */
  readonly signal?: AbortSignal | undefined;
  /** Asks the run to end immediately, even if commands are running. */
  readonly abandon?: AbortSignal | undefined;
}

/** Ends a run that does not end by itself: the run lost its lease, or it was told to stop and some of its work does not end. */
export interface Ending {
  /** Aborted when the run has to end, with the error as its reason. Everything that uses the connection of the run is then ended. */
  readonly signal: AbortSignal;
  /** From now on, the loss of this lease ends the run. */
  holding(lease: Lease): void;
  /** Runs the work. When the run has to end, the work gets a few seconds to clean up. */
  during<T>(work: () => Promise<T>): Promise<T>;
  /** Releases the lease of a failed run, unless a command may still arrive at the server. */
  giveUp(lease: Lease): Promise<void>;
}

export function endingOf(connection: LeaseConnection, { signal: stop, abandon }: EndingOptions): Ending {
  const controller = new AbortController();
  const { signal } = controller;
  // Any number of running commands may listen to this signal.
  setMaxListeners(0, signal);
  let held: Lease | undefined;
  let unanswered: readonly string[] = [];
  const end = (reason: () => SchemaError) => {
    if (signal.aborted) return;
    unanswered = connection.unansweredWrites();
    controller.abort(reason());
    // Give the reason to the waiting callers before the connection is closed. The driver's own error would say less.
    setImmediate(() => {
      connection.abandon();
    });
  };
  const stopNow = () => {
    end(() => stoppedError(unanswered, held));
  };
  let timer: NodeJS.Timeout | undefined;
  const stopSoon = () => {
    timer = setTimeout(function look() {
      if (connection.traffic.isChangingSchema()) timer = setTimeout(look, looksEvery);
      else stopNow();
    }, stopsWithin);
  };
  return {
    signal,
    holding: (lease) => {
      held = lease;
      const lose = () => {
        end(() => withUnanswered(lease.lost.reason as SchemaError, unanswered));
      };
      if (lease.lost.aborted) lose();
      else lease.lost.addEventListener('abort', lose);
    },
    during: async (work) => {
      const listeners = [
        [stop, stopSoon],
        [abandon, stopNow],
      ] as const;
      let tidying: NodeJS.Timeout | undefined;
      const over = new Promise<never>((_, reject) => {
        signal.addEventListener('abort', () => {
          tidying = setTimeout(() => {
            reject(signal.reason as Error);
          }, tidiesWithin);
        });
      });
      for (const [asked, listener] of listeners) {
        if (asked?.aborted) listener();
        else asked?.addEventListener('abort', listener);
      }
      const working = work();
      working.catch(() => undefined);
      try {
        return await Promise.race([working, over]);
      } catch (error) {
        // Running commands fail because the driver's client was closed. Replace that error with the reason why the run had to end.
        throw signal.aborted && !isSchemaError(error) ? signal.reason : error;
      } finally {
        clearTimeout(tidying);
        clearTimeout(timer);
        for (const [asked, listener] of listeners) asked?.removeEventListener('abort', listener);
      }
    },
    giveUp: async (lease) => {
      if (lease.lost.aborted || (signal.aborted && unanswered.length > 0)) lease.leaveToRunOut();
      else if (signal.aborted) await within(releasesWithin, releaseQuietly(lease), () => undefined);
      else await releaseQuietly(lease);
    },
  };
}

/** Releases the lease, and ignores errors: when the lease is lost or the server is gone, the lease expires by itself. */
export function releaseQuietly(lease: Lease): Promise<void> {
  return lease.release().catch(() => undefined);
}

function stoppedError(unanswered: readonly string[], lease: Lease | undefined): SchemaError {
  if (unanswered.length === 0 || !lease) return new SchemaError('ABORTED', 'The run was stopped');
  const time = lease.expiresAt().toISOString();
  return new SchemaError('ABORTED', 'The run was stopped while commands were waiting for the server', {
    why: [
      goesOn(unanswered),
      `the lease is not released, so that nobody writes in the meantime: it expires at ${time}`,
    ],
    fix: 'run again after that time: finished work is skipped, and a running index build is continued',
  });
}

function withUnanswered(lost: SchemaError, unanswered: readonly string[]): SchemaError {
  if (unanswered.length === 0) return lost;
  const { code, summary, why = [], fix } = lost;
  return new SchemaError(code, summary, { why: [...why, goesOn(unanswered)], fix, cause: lost });
}

function goesOn(unanswered: readonly string[]): string {
  const them = unanswered.length === 1 ? 'it' : 'them';
  return `the server had not answered ${unanswered.join(', ')}, and may still be running ${them}`;
}
