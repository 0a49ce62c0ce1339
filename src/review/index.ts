export { compareSnapshot, takeSnapshot, writeSnapshot } from './snapshot';
export type { Snapshot, SnapshotDifference, SnapshotPaths } from './snapshot';
