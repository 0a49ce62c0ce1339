import { randomUUID } from 'node:crypto';
import type { Db } from 'mongodb';
import { currentCommit, toolVersion, whoAmI } from './actor';
import { appendEvent, type EventType, type HistoryEvent } from './events';
import type { Grant } from './lease';
import { withRetry } from './retry';

/** What an event says beyond who, where and when. */
export type EventDetails = Partial<
  Pick<
    HistoryEvent,
    'migration' | 'direction' | 'checksum' | 'changes' | 'milliseconds' | 'error' | 'reason' | 'attempt'
  >
>;

/** Writes the events of one holder of the lease, in order. */
export interface Recorder {
  /** @throws Error with code `LOCKED` when the lease is lost: a run without it writes nothing. */
  record(type: EventType, details: EventDetails): Promise<HistoryEvent>;
}

/** A recorder for a grant of the lease, which `check` makes sure of before each event; `server` is the server's version. */
export function recorderFor(db: Db, grant: Grant, server: string, check?: () => Promise<void>): Recorder {
  const commit = currentCommit();
  const common = {
    ...whoAmI(),
    ...(commit !== undefined && { commit }),
    versions: { tool: toolVersion(), node: process.versions.node, server },
    token: grant.token,
  };
  let sequence = 0;
  return {
    record: async (type, { attempt = randomUUID(), ...details }) => {
      const event: HistoryEvent = { type, attempt, ...details, ...common, sequence: ++sequence };
      await withRetry(async () => {
        await check?.();
        await appendEvent(db, event);
      });
      return event;
    },
  };
}
