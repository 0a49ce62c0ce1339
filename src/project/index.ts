export { checksumOf, checksumOfText, frozenName, readFrozen, type Frozen, type FrozenEntry } from './checksums';
export { textsOf, type MigrationText } from './files';
export { findMigrations, isMigrationFile } from './find';
export { handToMigrateMongo } from './for-migrate-mongo';
export { FoldKeeper, type KeptFold } from './kept-fold';
export { loadMigrations } from './load';
export { openProject, ownMigrations, refuseOtherChanges, resolveName, type Project } from './project';
export { refuseUnknownTargets } from './refuse-unknown';
export { dependenciesOf, type Dependencies } from './elsewhere';
