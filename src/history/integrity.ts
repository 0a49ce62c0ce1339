import type { MigrationText } from '../project/files';
import type { ChangelogRow } from './changelog';
import type { StoredEvent } from './events';

/**
 * - applied, pending: no problem
 * - failed: pending, and the last attempt to apply the migration failed or was interrupted
 * - running: the holder of the lease is applying the migration or rolling it back; only `status` reports this state
 * - edited: the text of the migration changed after it was applied
 * - missing: the file of the migration is gone, but the migration was applied, or an attempt to apply it did not finish
 * - late: pending, but older than an applied migration
 * - half rolled back: the changelog has a row for the migration, and a `down` began after it was applied
 * - unknown: the changelog has a row for the migration, but no event shows how it was applied. A plain migration counts as applied in
 *   this case, because migrate-mongo recorded it before the project moved to this tool
 */
export type MigrationState =
  'applied' | 'pending' | 'failed' | 'running' | 'edited' | 'missing' | 'late' | 'half rolled back' | 'unknown';

/** The state of one migration. */
export interface MigrationStatus {
  readonly name: string;
  readonly state: MigrationState;
  /** The event that applied the migration. */
  readonly applied?: StoredEvent;
  /** The sha256 (hex) of the text of the file; absent when the file is gone. */
  readonly checksum?: string;
  /** Whether the changelog has a row for the migration. The migration is applied if and only if it has this row. */
  readonly isRecorded: boolean;
  /** When the migration was applied, from the changelog; undefined when its row contains no date. */
  readonly appliedAt?: Date;
  /**
   * The event that began the last attempt to apply the migration, if that attempt did not finish and was not undone. The changes of the
   * attempt are still in the database.
   */
  readonly unfinished?: StoredEvent;
  /** The newest event of the last attempt, when that attempt failed or has not ended. */
  readonly failure?: StoredEvent;
  /** The last event in which a person accepted the migration. */
  readonly accepted?: StoredEvent;
  /**
   * For an applied migration that has no file, and that a person accepted as missing: the places of its changes, each as a list of names.
   * The places come from the migration's events. Without events, this list is empty.
   */
  readonly madeWithoutFile?: readonly (readonly string[])[];
}

/** A migration that has no file, and that a person accepted as missing. */
export type AcceptedAsMissing = MigrationStatus & Required<Pick<MigrationStatus, 'madeWithoutFile' | 'accepted'>>;

export function isAcceptedAsMissing(status: MigrationStatus): status is AcceptedAsMissing {
  return status.madeWithoutFile !== undefined && status.accepted !== undefined;
}

/** Returns a text such as `20260101000000-users.ts was accepted as missing by ann, 2026-01-31T09:30:00.000Z: a reason`. */
export function describeAcceptedAsMissing({ name, accepted }: AcceptedAsMissing): string {
  const { user, at, reason = '' } = accepted;
  return `${name} was accepted as missing by ${user}, ${at.toISOString()}: ${reason}`;
}

/** Returns the migration that may have made a change at this place, at an enclosing place, or at a place inside it. */
export function mayBeWorkOf(
  missing: readonly AcceptedAsMissing[],
  place: readonly string[],
): AcceptedAsMissing | undefined {
  const isWithin = (inner: readonly string[], outer: readonly string[]) =>
    outer.every((part, at) => inner[at] === part);
  const [name] = place;
  const isRenamed = ([from, part, to]: readonly string[]) => part === 'name' && (name === from || name === to);
  return missing.find(({ madeWithoutFile }) =>
    madeWithoutFile.some((made) => isWithin(place, made) || isWithin(made, place) || isRenamed(made)),
  );
}

const broken: ReadonlySet<MigrationState> = new Set(['edited', 'missing', 'late', 'half rolled back', 'unknown']);

export function isBroken({ state }: Pick<MigrationStatus, 'state'>): boolean {
  return broken.has(state);
}

/** Returns the state of every migration in the project or the changelog, in the order of their names. */
export function judgeHistory(
  texts: readonly MigrationText[],
  changelog: readonly ChangelogRow[],
  events: readonly StoredEvent[],
): MigrationStatus[] {
  const rows = new Map(changelog.map((row) => [row.fileName, row]));
  const files = new Map(texts.map((text) => [text.name, text]));
  const eventsByName = new Map<string | undefined, StoredEvent[]>();
  for (const event of events) {
    eventsByName.set(event.migration, [...(eventsByName.get(event.migration) ?? []), event]);
  }
  const newest = [...rows.keys()].sort().at(-1) ?? '';
  const idle = new Set(events.filter(changedNothing).map(({ attempt }) => attempt));
  const restoredAt = events.findLast(({ type, migration }) => type === 'restored' && migration === undefined);
  const begun = events.flatMap(({ type, migration = '' }) => (type === 'started' ? [migration] : []));
  return [...new Set([...files.keys(), ...rows.keys(), ...begun])].sort().flatMap((name) => {
    const row = rows.get(name);
    const own = eventsByName.get(name) ?? [];
    const accepted = own.findLast(({ type }) => type === 'accepted');
    const outcome = own.findLast(({ type }) => type !== 'accepted');
    const applied = row && own.findLast(isApplying);
    const failure = outcome && !isApplying(outcome) && outcome.type !== 'finished' ? outcome : undefined;
    const file = files.get(name);
    const checksum = file?.checksum;
    const isAccepted = accepted !== undefined && accepted.checksum === checksum;
    const unfinished = row ? undefined : unfinishedOf(own, idle, restoredAt);
    if (isGone(row, checksum, unfinished, accepted, own)) return [];
    const since = own.slice(applied ? own.indexOf(applied) + 1 : 0).filter(({ attempt }) => !idle.has(attempt));
    const state = row
      ? stateOfRecorded(file, applied, since, isAccepted && since.includes(accepted))
      : stateOfPending(checksum, name < newest && !isAccepted, failure);
    const made = own.findLast(({ type, direction }) => type === 'finished' && direction === 'up')?.changes ?? [];
    const lacksFile = checksum === undefined && state === 'applied';
    return {
      name,
      state,
      ...(applied && { applied }),
      ...(checksum !== undefined && { checksum }),
      isRecorded: row !== undefined,
      ...(row?.appliedAt && { appliedAt: row.appliedAt }),
      ...(unfinished && { unfinished }),
      ...(failure && { failure }),
      ...(accepted && { accepted }),
      ...(lacksFile && { madeWithoutFile: made.map(({ at }) => at) }),
    };
  });
}

function stateOfRecorded(
  file: MigrationText | undefined,
  applied: StoredEvent | undefined,
  since: readonly StoredEvent[],
  isAccepted: boolean,
): MigrationState {
  if (since.some(({ direction }) => direction === 'down')) return 'half rolled back';
  if (isAccepted) return 'applied';
  if (!file) return 'missing';
  if (!applied) return file.isPlain?.() ? 'applied' : 'unknown';
  return applied.checksum === file.checksum ? 'applied' : 'edited';
}

/**
 * Returns the event that began the last attempt to apply a migration, if that attempt may have left changes behind. Undefined if a later
 * event shows that the migration was finished, undone, restored, or marked as applied by `baseline`.
 */
function unfinishedOf(
  own: readonly StoredEvent[],
  idle: ReadonlySet<string>,
  restored: StoredEvent | undefined,
): StoredEvent | undefined {
  // A restore replaced everything that earlier attempts had left in the database.
  const settled = own.findLastIndex(({ type }) => type === 'finished' || type === 'baselined' || type === 'restored');
  return own.findLast(
    (event, at) =>
      at > settled &&
      event.type === 'started' &&
      event.direction === 'up' &&
      !idle.has(event.attempt) &&
      (restored === undefined || byOrder({ applied: event }, { applied: restored }) > 0),
  );
}

/**
 * Returns whether a migration is gone: it has no file and no row in the changelog, and either it left no changes or a person accepted the
 * changes that it left.
 */
function isGone(
  row: ChangelogRow | undefined,
  checksum: string | undefined,
  unfinished: StoredEvent | undefined,
  accepted: StoredEvent | undefined,
  own: readonly StoredEvent[],
): boolean {
  if (row || checksum !== undefined) return false;
  return !unfinished || (accepted !== undefined && own.indexOf(accepted) > own.indexOf(unfinished));
}

function stateOfPending(
  checksum: string | undefined,
  isLate: boolean,
  failure: StoredEvent | undefined,
): MigrationState {
  if (checksum === undefined) return 'missing';
  if (isLate) return 'late';
  return failure ? 'failed' : 'pending';
}

/** Returns whether this event means that the migration is applied. */
function isApplying({ type, direction }: StoredEvent): boolean {
  return type === 'baselined' || ((type === 'finished' || type === 'restored') && direction === 'up');
}

/** Returns whether an attempt ended before its first write. Such an attempt changed nothing. */
function changedNothing({ type, changes }: StoredEvent): boolean {
  return (type === 'failed' || type === 'interrupted') && changes?.length === 0;
}

/** Returns the first event of each attempt that began and never ended: the process of the attempt was killed or lost its connection. */
export function interruptedAttempts(events: readonly StoredEvent[]): StoredEvent[] {
  const ended = new Set(events.filter(({ type }) => type !== 'started').map(({ attempt }) => attempt));
  return events.filter(({ type, attempt }) => type === 'started' && !ended.has(attempt));
}

/**
 * Returns the applied migrations in the order in which they were applied. The order comes from the lease's token, never from a
 * clock. A migration without events comes directly after the migrations whose names come before its name.
 */
export function inAppliedOrder(statuses: readonly MigrationStatus[]): MigrationStatus[] {
  const known = statuses.flatMap(({ name, applied }) => (applied ? [{ name, applied }] : [])).sort(byOrder);
  const orderOf = ({ name, applied }: MigrationStatus) =>
    applied ?? known.findLast((other) => other.name < name)?.applied;
  return statuses
    .filter(({ isRecorded }) => isRecorded)
    .sort((one, other) => {
      const [first, second] = [orderOf(one), orderOf(other)];
      return byOrder({ applied: first }, { applied: second }) || (one.name < other.name ? -1 : 1);
    });
}

/** Returns the migrations that were not applied completely, in the order in which they began. */
export function unfinishedInOrder(statuses: readonly MigrationStatus[]): MigrationStatus[] {
  return statuses
    .filter(({ unfinished }) => unfinished)
    .sort((one, other) => byOrder({ applied: one.unfinished }, { applied: other.unfinished }));
}

type Order = Pick<StoredEvent, 'token' | 'sequence'>;

function byOrder(
  one: { readonly applied?: Order | undefined },
  other: { readonly applied?: Order | undefined },
): number {
  const [first, second] = [one.applied, other.applied];
  return (first?.token ?? 0) - (second?.token ?? 0) || (first?.sequence ?? 0) - (second?.sequence ?? 0);
}
