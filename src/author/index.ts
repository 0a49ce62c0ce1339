export { adviseOn, type IndexAdvice, type UnneededIndex } from './index-advice';
export type { PurposeOptions } from './frames';
export { newMigration, type NewOptions, type NewReport } from './new-migration';
export type { WrittenFile } from './write-file';
