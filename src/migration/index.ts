export type { FieldPath } from './field-path';
export { foldMigrations } from './fold-migrations';
export { KnownFields } from './known-fields';
export { KnownTargets, type TargetProblem } from './known-targets';
export { migration } from './migration';
export { migrationName } from './name';
export { purposesOf } from './purposes';
export {
  irreversible,
  irreversibleSteps,
  isDataStep,
  isOpaque,
  isPlain,
  type BatchUpdate,
  type DataContext,
  type DataStep,
  type Direction,
  type Irreversible,
  type Migration,
  type Obstacle,
  type Obstacles,
  type OpaqueStep,
  type SchemaStep,
  type Step,
  type StepUpdate,
  type Suppression,
  type Transfer,
  type UpdateCounts,
} from './types';
export { backfill, type BackfillDefinition } from './verbs/backfill';
export { changeCollection, createCollections, type CollectionChange } from './verbs/collections';
export { insertDocuments, removeDocuments, updateDocuments, type DocumentUpdate } from './verbs/documents';
export { dropCollection } from './verbs/drop-collection';
export { dropField, type DropFieldOptions } from './verbs/drop-field';
export type { IndexDefinition } from './verbs/index-definition';
export { changeTtl, createIndexes, dropIndexes } from './verbs/indexes';
export { removeDuplicates, type RemoveDuplicatesDefinition } from './verbs/remove-duplicates';
export { renameCollection } from './verbs/rename-collection';
export { renameField, type RenameFieldOptions } from './verbs/rename-field';
export { run, type RunDefinition } from './verbs/run';
export { suppress } from './verbs/suppress';
export { createTimeSeries, type TimeSeriesDefinition } from './verbs/time-series';
export { hideIndex, makeUnique, showIndex } from './verbs/unique';
export { changeTextIndex, type TextIndexChange } from './verbs/text-index';
export {
  addValidator,
  changeValidator,
  removeValidator,
  type ValidationOptions,
  type ValidatorDefinition,
} from './verbs/validators';
export { changeView, createView, dropView, type ViewDefinition } from './verbs/views';
