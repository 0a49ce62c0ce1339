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
export * from './verbs';
