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
  record(type: EventType, details: EventDetails): Promise<HistoryEvent>;
}

/** A recorder for a grant of the lease; `server` is the server's version. */
export function recorderFor(db: Db, { token }: Grant, server: string): Recorder {
  const commit = currentCommit();
  const common = {
    ...whoAmI(),
    ...(commit !== undefined && { commit }),
    versions: { tool: toolVersion(), node: process.versions.node, server },
    token,
  };
  let sequence = 0;
  return {
    record: async (type, { attempt = randomUUID(), ...details }) => {
      const event: HistoryEvent = { type, attempt, ...details, ...common, sequence: ++sequence };
      await withRetry(() => appendEvent(db, event));
      return event;
    },
  };
}
