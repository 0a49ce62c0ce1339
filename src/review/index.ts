export { compareSnapshot, takeSnapshot, writeSnapshot } from './snapshot';
export type { Frozen, FrozenEntry, Snapshot, SnapshotDifference, SnapshotPaths } from './snapshot';
