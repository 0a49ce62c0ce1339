export { applyChanges, inspectServer, majority } from './executor';
export type { ChangeOutcome, Outcome, Session } from './executor';
export { findMigrations, loadMigrations } from './load';
export { migration, migrationName, runMigration } from './migration';
export type { Direction, Migration } from './migration';
export type { SchemaStep, Step } from './step';
export * from './verbs';
