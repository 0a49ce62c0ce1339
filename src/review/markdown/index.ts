export type { Relation } from './er-diagram';
export { schemaPage } from './schema-page';
export { cell, prose, table } from './table';
