export { compareSnapshot, refuseDependent, takeSnapshot, writeSnapshot } from './snapshot';
export type { Snapshot, SnapshotDifference, SnapshotPaths } from './snapshot';
export { comparePoints, describeChanges, diffFormats, pointWords, readPoints } from './diff';
export type { DiffFormat, DiffReport } from './diff';
export { describeDrift, drift, driftFrom, findDrift } from './drift';
export type { DriftOptions, DriftReport, Finding as DriftFinding } from './drift';
export { mergedMigrations, releasedMigrations, type Merged } from './merged';
export { describeLoss, isLostBy } from './index-losses';
export type { PlanOptions, PlanReport } from './plan';
export { plan } from './plan-pending';
export { schemaPage, type Relation } from './markdown';
export { exportFormats, exportSchema, writeExport } from './export';
export type { ExportChanges, ExportFormat, ExportNames, SchemaExport } from './export';
export {
  capMarkdown,
  gatherReport,
  lookAtServer,
  readReportBase,
  reportMarkdown,
  reportPage,
  verdictOn,
} from './report';
export type { LivePlan, ReportData } from './report';
