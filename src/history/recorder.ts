import { randomUUID } from 'node:crypto';
import type { Db } from 'mongodb';
import { currentCommit, toolVersion, whoAmI } from './actor';
import { appendEvent, type EventType, type HistoryEvent } from './events';
import type { Grant } from './lease-document';
import { withRetry } from '../database/retry';
import { redactAll } from '../support/redact';

/** What an event contains in addition to its type, its author, its place in the order, and its time. */
export type EventDetails = Partial<
  Pick<
    HistoryEvent,
    | 'migration'
    | 'direction'
    | 'checksum'
    | 'changes'
    | 'data'
    | 'work'
    | 'milliseconds'
    | 'failure'
    | 'reason'
    | 'attempt'
  >
>;

/** Writes the events of one holder of the lease, in order. */
export interface Recorder {
  /** @throws error with code `LOCKED` when the lease is lost: without the lease, a run must not write. */
  record(type: EventType, details: EventDetails): Promise<HistoryEvent>;
}

/** What events record about a run, in addition to the user and the machine. */
export interface Origin {
  /** The server's version. */
  readonly server: string;
  /** The commit of the migrations. The default is the commit that is checked out in the folder of the migrations. */
  readonly commit?: string | undefined;
  /** The folder of the migrations. The default is this repository's own. */
  readonly folder?: string | undefined;
}

/**
 * Returns a recorder for a grant of the lease. The recorder calls `check` before each event. Once `signal` is aborted, nothing is retried.
 */
export function recorderFor(
  db: Db,
  grant: Grant,
  { server, folder, commit = currentCommit(folder) }: Origin,
  check?: () => Promise<void>,
  signal?: AbortSignal,
): Recorder {
  const common = {
    ...whoAmI(),
    ...(commit !== undefined && { commit }),
    versions: { tool: toolVersion(), node: process.versions.node, server },
    token: grant.token,
  };
  let sequence = 0;
  return {
    record: async (type, { attempt = randomUUID(), ...details }) => {
      const event: HistoryEvent = { type, attempt, ...redactAll(details), ...common, sequence: ++sequence };
      await withRetry(
        async () => {
          await check?.();
          await appendEvent(db, event);
        },
        { signal },
      );
      return event;
    },
  };
}
