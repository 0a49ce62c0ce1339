/** What applications import. */
export {
  close,
  collections,
  connect,
  db,
  type CloseOptions,
  type Collections,
  type ConnectionErrorCode,
  type ConnectOptions,
} from './connection';
export {
  checkHealth,
  healthHandler,
  healthPlugin,
  type Health,
  type HealthHandler,
  type HealthOptions,
} from './operate/health';
export * from './models';
export {
  accept,
  baseline,
  deploy,
  history,
  pendingMigrations,
  rollback,
  status,
  unlock,
  type AcceptOptions,
  type Attempt,
  type BaselineOptions,
  type BaselineReport,
  type DeployOptions,
  type DeployReport,
  type HistoryOptions,
  type RollbackOptions,
  type RollbackReport,
  type RunEvent,
  type RunMigration,
  type RunOptions,
  type StatusOptions,
  type StatusReport,
  type Target,
  type UnlockOptions,
  type UnlockReport,
} from './deploy';
export type { MigrationState, MigrationStatus, StoredEvent } from './history';
export { drift, plan, type DriftFinding, type DriftOptions, type DriftReport, type PlanReport } from './review';
