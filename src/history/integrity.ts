import type { MigrationText } from '../project/files';
import type { ChangelogRow } from './changelog';
import type { StoredEvent } from './events';

/**
 * - applied, pending: as it should be
 * - failed: pending, and the last attempt at it failed or was interrupted
 * - running: whoever holds the lease is at work on it, up or down; `status` alone says so
 * - edited: its text is not the one that was applied
 * - missing: it was applied, or began to be and did not come to its end, and its file is gone
 * - late: pending, and older than one that is applied
 * - half rolled back: it is recorded, and a `down` began since it was applied
 * - unknown: it is recorded, and no event tells how that came about. A plain migration counts as applied then: so a bare
 *   migrate-mongo has recorded it, before the project moved here
 */
export type MigrationState =
  'applied' | 'pending' | 'failed' | 'running' | 'edited' | 'missing' | 'late' | 'half rolled back' | 'unknown';

/** What is known of one migration. */
export interface MigrationStatus {
  readonly name: string;
  readonly state: MigrationState;
  /** The event that applied it. */
  readonly applied?: StoredEvent;
  /** sha256 (hex) of the text of its file; absent when the file is gone. */
  readonly checksum?: string;
  /** Whether the changelog has a row for it, which alone says that it is applied. */
  readonly isRecorded: boolean;
  /** When the changelog says that it was applied; absent where its row holds no date. */
  readonly appliedAt?: Date;
  /**
   * The event that began to apply it, when it neither came to its end nor was undone since: what it made until then is
   * there. Of several, the last.
   */
  readonly unfinished?: StoredEvent;
  /** The newest attempt at it, when that did not succeed, or has not ended. */
  readonly failure?: StoredEvent;
  /** The word of the person who last took it as it is. */
  readonly accepted?: StoredEvent;
  /**
   * Of one that is applied and whose file is gone, which a person accepted: the places of its changes, in the wire form, as
   * its events tell them. None where no event does.
   */
  readonly madeWithoutFile?: readonly (readonly string[])[];
}

/** A migration whose file is gone, which a person accepted. */
export type AcceptedAsMissing = MigrationStatus & Required<Pick<MigrationStatus, 'madeWithoutFile' | 'accepted'>>;

export function isAcceptedAsMissing(status: MigrationStatus): status is AcceptedAsMissing {
  return status.madeWithoutFile !== undefined && status.accepted !== undefined;
}

/** `20260101000000-users.ts was accepted as missing by ann, 2026-01-31T09:30:00.000Z: a reason` */
export function describeAcceptedAsMissing({ name, accepted }: AcceptedAsMissing): string {
  const { user, at, reason = '' } = accepted;
  return `${name} was accepted as missing by ${user}, ${at.toISOString()}: ${reason}`;
}

/** Whether a change at a place could be the work of one of these: the place, what it lies in, or what lies in it. */
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

/** Judges every migration that the project, or the changelog, knows. In the order of their names. */
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

/** The newest attempt to apply it that left something behind, of those that nothing has settled since. */
function unfinishedOf(
  own: readonly StoredEvent[],
  idle: ReadonlySet<string>,
  restored: StoredEvent | undefined,
): StoredEvent | undefined {
  // What was there before a restore is not there any more.
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

/** Whether nothing speaks of a migration any more: it has no file and no row, and left nothing, or that was accepted. */
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
    .filter(({ isRecorded }) => isRecorded)
    .sort((one, other) => {
      const [first, second] = [orderOf(one), orderOf(other)];
      return byOrder({ applied: first }, { applied: second }) || (one.name < other.name ? -1 : 1);
    });
}

/** The migrations that began to be applied and did not come to their end, in the order in which they began. */
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
