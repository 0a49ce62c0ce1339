export { compareSnapshot, takeSnapshot, writeSnapshot } from './snapshot';
export type { Snapshot, SnapshotDifference, SnapshotPaths } from './snapshot';
export { comparePoints, diffFormats, pointWords } from './diff';
export type { DiffFormat, DiffReport } from './diff';
export { describeDrift, drift, findDrift } from './drift';
export type { DriftOptions, DriftReport, Finding as DriftFinding } from './drift';
export { schemaPage, type Relation } from './markdown';
export { capMarkdown, gatherReport, lookAtServer, readReportBase, reportMarkdown } from './report';
export type { LivePlan, ReportData } from './report';
