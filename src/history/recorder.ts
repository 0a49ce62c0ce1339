import { randomUUID } from 'node:crypto';
import type { Db } from 'mongodb';
import { currentCommit, toolVersion, whoAmI } from './actor';
import { appendEvent, type EventType, type HistoryEvent } from './events';
import type { Grant } from './lease-document';
import { withRetry } from '../database/retry';
import { redactAll } from '../support/redact';

/** What an event says beyond who, where and when. */
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
  /** @throws error with code `LOCKED` when the lease is lost: a run without it writes nothing. */
  record(type: EventType, details: EventDetails): Promise<HistoryEvent>;
}

/** What a holder of the lease works with, beside itself. */
export interface Origin {
  /** The server's version. */
  readonly server: string;
  /** The commit of the migrations; what is checked out in their folder unless given. */
  readonly commit?: string | undefined;
  /** The folder of the migrations; this repository's own unless given. */
  readonly folder?: string | undefined;
}

/** A recorder for a grant of the lease, which `check` makes sure of before each event; once `signal` is aborted, it tries nothing again. */
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
