export { accept, type AcceptOptions } from './accept';
export { baseline, type BaselineOptions, type BaselineReport, type Difference, type Differences } from './baseline';
export { foldIfTheyFit } from './compare';
export { deploy } from './apply-pending';
export { lookAtPending, pendingMigrations, type DeployOptions, type DeployReport } from './deploy';
export { describeForecast, takesLong } from './forecast-text';
export { forecastAll, type Forecast } from './forecast';
export { refuseForeignDatabase } from './foreign-database';
export { history, type Attempt, type HistoryOptions } from './history';
export { actionOf, dangersOf, isLoss } from '../execute';
export type { Action } from '../execute';
export { describeFinding, planOn, type MigrationFinding, type PlannedChange, type PlannedMigration } from './preflight';
export type { Running, RunningWork } from './running';
export { redo, type RedoOptions, type RedoReport } from './redo';
export { reset, type ResetOptions, type ResetReport } from './reset';
export {
  planRollback,
  rollback,
  rollbackOf,
  type PlannedRollback,
  type RollbackOptions,
  type RollbackPlan,
  type RollbackReport,
} from './rollback';
export { refuseStopped, type RunEvent, type RunMigration, type RunOptions } from '../execute/run';
export { selectPending, type Selection } from './select';
export { countStates, status, type StatusOptions, type StatusReport, type UnfinishedDrop } from './status';
export { unlock, type UnlockOptions, type UnlockReport } from './unlock';
