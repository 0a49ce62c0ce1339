export { deploy } from './deploy';
export type { AppliedMigration, DeployOptions, DeployReport } from './deploy';
