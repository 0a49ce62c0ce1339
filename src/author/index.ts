export { adviseOn, type IndexAdvice, type UnneededIndex } from './index-advice';
export { adviseNewIndexes, type MissingIndex } from './wanted-indexes';
export type { PurposeOptions } from './frames';
export { newMigration, type NewOptions, type NewReport } from './new-migration';
export type { WrittenFile } from './write-file';
