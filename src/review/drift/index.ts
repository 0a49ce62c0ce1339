export { findDrift } from './compare';
export { drift, driftFrom } from './drift';
export type { DriftOptions, DriftReport } from './drift';
export type { Finding, FindingKind, Severity } from './findings';
export { describeDrift } from './text';
