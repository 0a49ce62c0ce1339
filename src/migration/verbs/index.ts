export { createCollections } from './collections';
export { insertDocuments } from './documents';
export { changeTtl, createIndexes, dropIndexes } from './indexes';
export type { IndexDefinition } from './index-definition';
export { addValidator, changeValidator, removeValidator } from './validators';
export type { ValidationOptions, ValidatorDefinition } from './validators';
