/** Generates test data from a seed, and removes the data again. The ids keep test data apart from all other data. */
export { clear, type ClearOptions, type ClearReport } from './run/clear';
export type { Filled } from './run/fill';
export { refuseProduction } from './run/refusals';
export { seed, type SeedOptions, type SeedReport } from './run/seed';
export { defaults, limits, refuseNonsense, type Size } from './world';
