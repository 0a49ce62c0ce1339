export { toolVersion, whoAmI, type Actor } from './actor';
export {
  ensureChangelogIndex,
  readAppliedNames,
  readChangelog,
  recordApplied,
  removeApplied,
  type ChangelogRow,
} from './changelog';
export {
  ensureHistoryIndex,
  readEvents,
  toStoredEvent,
  type EventType,
  type HistoryEvent,
  type RecordedChange,
  type RecordedStep,
  type StoredEvent,
} from './events';
export { describeFailure, failureOf, type RecordedFailure } from './failure';
export { historyError } from './history-error';
export { describeHolder, takeLease, type Lease, type LeaseOptions } from './lease';
export {
  describeAcceptedAsMissing,
  inAppliedOrder,
  interruptedAttempts,
  isAcceptedAsMissing,
  isBroken,
  judgeHistory,
  mayBeWorkOf,
  type AcceptedAsMissing,
  unfinishedInOrder,
  type MigrationState,
  type MigrationStatus,
} from './integrity';
export {
  isHeld,
  readLease,
  refuseToken,
  release,
  settle,
  unsettle,
  takeOver,
  type Grant,
  type LeaseDocument,
} from './lease-document';
export { knowsMigrations, lookAtHistory, openHistory, type OpenHistory } from './open';
export { isToken, largestUsable } from './token';
export { recorderFor, type EventDetails, type Origin, type Recorder } from './recorder';
export {
  clearUnfinished,
  describeUnfinished,
  fixOfUnfinished,
  isHalfRestored,
  markUnfinished,
  putMarker,
  readUnfinished,
  refuseUnfinished,
  unfinishedError,
  type Unfinished,
} from './unfinished-restore';
export type { RecordedWork, WorkKind } from './work';
