import type { ChangelogRow } from './changelog';
import type { StoredEvent } from './events';

/** A migration of the project, as far as history needs to know it: it is judged before it is loaded. */
export interface MigrationText {
  readonly name: string;
  /** sha256 (hex) of its text. */
  readonly checksum: string;
}

/**
 * - applied, pending: as it should be
 * - failed: pending, and the last attempt at it failed or was interrupted
 * - edited: its text is not the one that was applied
 * - missing: it was applied, and its file is gone
 * - late: pending, and older than one that is applied
 * - half rolled back: it is recorded, and a `down` began since it was applied
 * - unknown: it is recorded, and no event tells how that came about
 */
export type MigrationState =
  'applied' | 'pending' | 'failed' | 'edited' | 'missing' | 'late' | 'half rolled back' | 'unknown';

/** What is known of one migration. */
export interface MigrationStatus {
  readonly name: string;
  readonly state: MigrationState;
  /** The event that applied it. */
  readonly applied?: StoredEvent;
  /** When the changelog says that it was applied. */
  readonly appliedAt?: Date;
  /** The newest attempt at it, when that did not succeed. */
  readonly failure?: StoredEvent;
  /** The word of the person who last took it as it is. */
  readonly accepted?: StoredEvent;
}

const broken: ReadonlySet<MigrationState> = new Set(['edited', 'missing', 'late', 'half rolled back', 'unknown']);

export function isBroken({ state }: Pick<MigrationStatus, 'state'>): boolean {
  return broken.has(state);
}

/** Judges every migration that the project, or the changelog, knows. In the order of their names. */
export function judgeHistory(
  texts: readonly MigrationText[],
  changelog: readonly ChangelogRow[],
  events: readonly StoredEvent[],
): MigrationStatus[] {
  const rows = new Map(changelog.map((row) => [row.fileName, row]));
  const checksums = new Map(texts.map(({ name, checksum }) => [name, checksum]));
  const eventsByName = new Map<string | undefined, StoredEvent[]>();
  for (const event of events) {
    eventsByName.set(event.migration, [...(eventsByName.get(event.migration) ?? []), event]);
  }
  const newest = [...rows.keys()].sort().at(-1) ?? '';
  const idle = new Set(events.filter(changedNothing).map(({ attempt }) => attempt));
  return [...new Set([...checksums.keys(), ...rows.keys()])].sort().map((name) => {
    const row = rows.get(name);
    const own = eventsByName.get(name) ?? [];
    const accepted = own.findLast(({ type }) => type === 'accepted');
    const outcome = own.findLast(({ type }) => type !== 'accepted');
    const applied = row && own.findLast(isApplying);
    const failure = outcome && !isApplying(outcome) && outcome.type !== 'finished' ? outcome : undefined;
    const checksum = checksums.get(name);
    const isAccepted = accepted !== undefined && accepted.checksum === checksum;
    const since = own.slice(applied ? own.indexOf(applied) + 1 : 0).filter(({ attempt }) => !idle.has(attempt));
    return {
      name,
      state: row
        ? stateOfRecorded(checksum, applied, since, isAccepted && since.includes(accepted))
        : stateOfPending(name < newest && !isAccepted, failure),
      ...(applied && { applied }),
      ...(row && { appliedAt: row.appliedAt }),
      ...(failure && { failure }),
      ...(accepted && { accepted }),
    };
  });
}

function stateOfRecorded(
  checksum: string | undefined,
  applied: StoredEvent | undefined,
  since: readonly StoredEvent[],
  isAccepted: boolean,
): MigrationState {
  if (since.some(({ direction }) => direction === 'down')) return 'half rolled back';
  if (isAccepted) return 'applied';
  if (checksum === undefined) return 'missing';
  if (!applied) return 'unknown';
  return applied.checksum === checksum ? 'applied' : 'edited';
}

function stateOfPending(isLate: boolean, failure: StoredEvent | undefined): MigrationState {
  if (isLate) return 'late';
  return failure ? 'failed' : 'pending';
}

/** Whether an event left its migration applied. */
function isApplying({ type, direction }: StoredEvent): boolean {
  return type === 'baselined' || ((type === 'finished' || type === 'restored') && direction === 'up');
}

/** Whether an attempt ended before its first write: it leaves everything as it was. */
function changedNothing({ type, changes }: StoredEvent): boolean {
  return (type === 'failed' || type === 'interrupted') && changes?.length === 0;
}

/** The attempts that began and never ended: whoever made them was killed, or cut off. */
export function interruptedAttempts(events: readonly StoredEvent[]): StoredEvent[] {
  const ended = new Set(events.filter(({ type }) => type !== 'started').map(({ attempt }) => attempt));
  return events.filter(({ type, attempt }) => type === 'started' && !ended.has(attempt));
}

/**
 * The applied migrations in the order in which they were applied, by the lease's token: never by a clock. One of which no
 * event tells counts as applied after those with lesser names.
 */
export function inAppliedOrder(statuses: readonly MigrationStatus[]): MigrationStatus[] {
  const known = statuses.flatMap(({ name, applied }) => (applied ? [{ name, applied }] : [])).sort(byOrder);
  const orderOf = ({ name, applied }: MigrationStatus) =>
    applied ?? known.findLast((other) => other.name < name)?.applied;
  return statuses
    .filter(({ appliedAt }) => appliedAt !== undefined)
    .sort((one, other) => {
      const [first, second] = [orderOf(one), orderOf(other)];
      return byOrder({ applied: first }, { applied: second }) || (one.name < other.name ? -1 : 1);
    });
}

type Order = Pick<StoredEvent, 'token' | 'sequence'>;

function byOrder(
  one: { readonly applied?: Order | undefined },
  other: { readonly applied?: Order | undefined },
): number {
  const [first, second] = [one.applied, other.applied];
  return (first?.token ?? 0) - (second?.token ?? 0) || (first?.sequence ?? 0) - (second?.sequence ?? 0);
}
