export { changeCollection, createCollections, type CollectionChange } from './collections';
export { insertDocuments, removeDocuments, updateDocuments, type DocumentUpdate } from './documents';
export { changeTtl, createIndexes, dropIndexes } from './indexes';
export type { IndexDefinition } from './index-definition';
export { changeTextIndex, type TextIndexChange } from './text-index';
export {
  addValidator,
  changeValidator,
  removeValidator,
  type ValidationOptions,
  type ValidatorDefinition,
} from './validators';
export { backfill, type BackfillDefinition } from './backfill';
export { dropField, type DropFieldOptions } from './drop-field';
export { dropCollection } from './drop-collection';
export { run, type RunDefinition } from './run';
export { removeDuplicates, type RemoveDuplicatesDefinition } from './remove-duplicates';
export { renameCollection } from './rename-collection';
export { renameField, type RenameFieldOptions } from './rename-field';
export { suppress } from './suppress';
export { createTimeSeries, type TimeSeriesDefinition } from './time-series';
export { hideIndex, makeUnique, showIndex } from './unique';
export { changeView, createView, dropView, type ViewDefinition } from './views';
