export { applyChanges, explainPrivilege, inspectServer, judgePending, kindOf, lookBefore } from './executor';
export type {
  ChangeOutcome,
  Kind,
  LookOptions,
  Outcome,
  PreflightFinding,
  ServerFacts,
  Session,
  Verdict,
} from './executor';
export { attempt } from './attempt';
export type { AttemptOptions } from './attempt';
export { findMigrations, migrationName, textsOf } from './files';
export { foldMigrations } from './fold-migrations';
export { loadMigrations } from './load';
export { migration } from './migration';
export { runMigration } from './run';
export { irreversible, isDataStep } from './types';
export type { DataContext, DataStep, Direction, Irreversible, Migration, SchemaStep, Step, Suppression } from './types';
export * from './verbs';
