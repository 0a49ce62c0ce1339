export { toolVersion, whoAmI } from './actor';
export type { Actor } from './actor';
export { ensureChangelogIndex, readAppliedNames, readChangelog, recordApplied, removeApplied } from './changelog';
export type { ChangelogRow } from './changelog';
export { checksumOf, checksumOfText, frozenName, readFrozen } from './checksum';
export type { Frozen, FrozenEntry } from './checksum';
export { majority } from './durability';
export { ensureHistoryIndex, readEvents } from './events';
export type { EventType, HistoryEvent, RecordedChange, StoredEvent } from './events';
export { describeHolder, takeLease } from './holder';
export type { Lease, LeaseOptions } from './holder';
export { historyError } from './history-error';
export { inAppliedOrder, interruptedAttempts, isBroken, judgeHistory } from './integrity';
export type { MigrationState, MigrationStatus, MigrationText } from './integrity';
export { isHeld, readLease, release, takeOver } from './lease';
export type { Grant, LeaseDocument } from './lease';
export { knowsMigrations, lookAtHistory, openHistory } from './open';
export type { OpenHistory } from './open';
export { recorderFor } from './recorder';
export type { EventDetails, Recorder } from './recorder';
export { isTransient, withRetry } from './retry';
export {
  clearUnfinished,
  describeUnfinished,
  markUnfinished,
  putMarker,
  readUnfinished,
  refuseUnfinished,
} from './unfinished-restore';
export type { Unfinished } from './unfinished-restore';
