import { setMaxListeners } from 'node:events';
import type { LeaseConnection } from '../database';
import type { Lease } from '../history';
import { within } from '../support/abort';
import { isSchemaError, SchemaError } from '../support/schema-error';

/** All in milliseconds. How long a stopped run is let go on while the server is not changing the schema for it. */
const stopsWithin = 5_000;
const looksEvery = 250;
/** How long the run may take to tidy up once it has to end. */
const tidiesWithin = 3_000;
const releasesWithin = 2_000;

export interface EndingOptions {
  /** Asks the run to stop: a command that changes the schema is let come to its end, and nothing else takes long. */
  readonly signal?: AbortSignal | undefined;
  /** Asks it to end at once, whatever is on its way. */
  readonly abandon?: AbortSignal | undefined;
}

/** How a run ends that does not come to its end by itself: its lease is lost, or it was stopped and something hangs. */
export interface Ending {
  /** Aborted, with the error, when the run has to end. All that goes on through its connection is ended then. */
  readonly signal: AbortSignal;
  /** From now on the loss of the lease ends the run. */
  holding(lease: Lease): void;
  /** Does the work of the run. Once the run has to end, it gets a few seconds to tidy up. */
  during<T>(work: () => Promise<T>): Promise<T>;
  /** What becomes of the lease of a run that failed: it is released, unless something may still come to the server. */
  giveUp(lease: Lease): Promise<void>;
}

export function endingOf(connection: LeaseConnection, { signal: stop, abandon }: EndingOptions): Ending {
  const controller = new AbortController();
  const { signal } = controller;
  // Every command that is on its way listens, however many there are.
  setMaxListeners(0, signal);
  let held: Lease | undefined;
  let unanswered: readonly string[] = [];
  const end = (reason: () => SchemaError) => {
    if (signal.aborted) return;
    unanswered = connection.unansweredWrites();
    controller.abort(reason());
    // After those who wait were told why: what they would hear from the driver tells less.
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
        // What was on its way hears from the driver that its client was closed, which tells nobody why.
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

/** A lease that is lost already, or a server that is gone, changes nothing of the outcome: it frees itself when it runs out. */
export function releaseQuietly(lease: Lease): Promise<void> {
  return lease.release().catch(() => undefined);
}

function stoppedError(unanswered: readonly string[], lease: Lease | undefined): SchemaError {
  if (unanswered.length === 0 || !lease) return new SchemaError('ABORTED', 'The run was stopped');
  const time = lease.expiresAt().toISOString();
  return new SchemaError('ABORTED', 'The run was stopped before the server had answered', {
    why: [goesOn(unanswered), `the lease is not released, so that nobody writes meanwhile: it ends at ${time}`],
    fix: 'run again after that time: what was done by then is found done, and an index build that goes on is joined',
  });
}

function withUnanswered(lost: SchemaError, unanswered: readonly string[]): SchemaError {
  if (unanswered.length === 0) return lost;
  const { code, summary, why = [], fix } = lost;
  return new SchemaError(code, summary, { why: [...why, goesOn(unanswered)], fix, cause: lost });
}

function goesOn(unanswered: readonly string[]): string {
  return `the server had not answered ${unanswered.join(', ')}, and may still go on with it`;
}
