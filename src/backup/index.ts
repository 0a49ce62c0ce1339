export { backup, type BackupOptions, type BackupReport } from './backup';
export type { BackupEvent } from './events';
export type { RestoreOptions, RestorePlan } from './restore-plan';
export {
  restore,
  resumeRestore,
  undoRestore,
  type RestoreReport,
  type UnfinishedOptions,
  type UnfinishedReport,
} from './restore';
export type { Meanwhile } from './finish-swap';
export { newestBackups } from './retention';
export { verifyBackup, type VerifyOptions, type VerifyReport } from './verify';
