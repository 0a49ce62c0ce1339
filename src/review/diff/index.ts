export { comparePoints, compareSchemas } from './diff';
export type { DiffReport } from './diff';
export { changesTable, describeChanges, diffFormats, tally } from './formats';
export type { DiffFormat } from './formats';
export { pointWords, readPoints } from './points';
