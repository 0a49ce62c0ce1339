export { newMigration, type NewOptions, type NewReport } from './new-migration';
