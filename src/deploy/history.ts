import { readEvents, type StoredEvent } from '../history';
import { withReads, type Target } from '../database/connection';
import { resolveName } from '../project/project';

export interface HistoryOptions extends Target {
  /** Only what happened to this migration. */
  readonly migration?: string | undefined;
  /** Only what happened since. */
  readonly since?: Date | undefined;
}

/** One attempt at a migration, or another thing that happened, as its events tell it. */
export interface Attempt {
  /** The last event's type: `started` while it is running, or when its run died and none came after it. */
  readonly outcome: StoredEvent['type'];
  readonly began: Date;
  /** In the order in which they happened. */
  readonly events: readonly StoredEvent[];
}

/**
 * What happened, oldest first. Writes nothing.
 * @param options Where, and since when or of which migration.
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
