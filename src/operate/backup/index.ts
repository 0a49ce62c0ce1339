/** Backups that are proven to restore. */
export { backup, type BackupOptions, type BackupReport } from './backup';
export type { BackupEvent } from './events';
export { restore, type RestoreReport } from './restore';
export type { RestoreOptions } from './restore-options';
export type { RestorePlan } from './restore-plan';
export { verifyBackup, type VerifyOptions, type VerifyReport } from './verify';
