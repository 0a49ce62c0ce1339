import { readEvents, type StoredEvent } from '../history';
import { withReads, type Target } from '../database/connection';
import { resolveName } from '../project/project';

export interface HistoryOptions extends Target {
  /** Returns only events of this migration. */
  readonly migration?: string | undefined;
  /** Returns only events since this time. */
  readonly since?: Date | undefined;
}

/** One attempt at a migration with its events, or another entry of the history, such as the acceptance of a migration. */
export interface Attempt {
  /** The type of the last event. The type is `started` while the attempt is running, or when its process died. */
  readonly outcome: StoredEvent['type'];
  readonly began: Date;
  /** The events, in the order in which they happened. */
  readonly events: readonly StoredEvent[];
}

/**
 * Returns all attempts and other changes, oldest first. Writes nothing.
 * @param options the database, and optionally a time or a migration
 */
export async function history({ migration, since, ...target }: HistoryOptions): Promise<Attempt[]> {
  const events = await withReads(target, ({ db }) => readEvents(db));
  const names = [...new Set(events.flatMap((event) => event.migration ?? []))];
  const wanted = migration === undefined ? undefined : resolveName(names, migration);
  const byAttempt = new Map<string, StoredEvent[]>();
  for (const event of events) byAttempt.set(event.attempt, [...(byAttempt.get(event.attempt) ?? []), event]);
  return [...byAttempt.values()].flatMap((ofAttempt): Attempt[] => {
    const [first, last] = [ofAttempt[0], ofAttempt.at(-1)];
    if (!first || !last) return [];
    if (wanted !== undefined && first.migration !== wanted) return [];
    if (since && last.at < since) return [];
    return [{ outcome: last.type, began: first.at, events: ofAttempt }];
  });
}
