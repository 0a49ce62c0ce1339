/**
 * The package `sentimatrix-schema-tool`, for programs that run migrations. It also exports everything from the package for applications.
 */
export * from './data';
export {
  accept,
  baseline,
  deploy,
  history,
  pendingMigrations,
  planRollback,
  redo,
  reset,
  rollback,
  status,
  unlock,
  type AcceptOptions,
  type Attempt,
  type BaselineOptions,
  type BaselineReport,
  type Differences,
  type DeployOptions,
  type DeployReport,
  type Forecast,
  type HistoryOptions,
  type MigrationFinding,
  type PlannedRollback,
  type RedoOptions,
  type RedoReport,
  type ResetOptions,
  type ResetReport,
  type RollbackOptions,
  type RollbackPlan,
  type RollbackReport,
  type RunEvent,
  type RunMigration,
  type RunOptions,
  type RunningWork,
  type StatusOptions,
  type StatusReport,
  type UnfinishedDrop,
  type UnlockOptions,
  type UnlockReport,
} from './deploy';
export { type Target } from './database';
export type { MigrationState, MigrationStatus, RecordedWork, StoredEvent, WorkKind } from './history';
export { drift, plan, type DriftFinding, type DriftOptions, type DriftReport, type PlanReport } from './review';
export { MongoUrl } from './support/mongo-url';
export type { ErrorCode } from './support/error-codes';
export { SchemaError, type ErrorDetails, type ErrorReport } from './support/schema-error';
