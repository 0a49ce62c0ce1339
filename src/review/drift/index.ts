export { findDrift } from './compare';
export { drift } from './drift';
export type { DriftOptions, DriftReport } from './drift';
export type { Finding, FindingKind, Severity } from './findings';
export { describeDrift } from './text';
