export {
  newestShapes,
  slowByProfiler,
  slowestShape,
  slowInLog,
  slowInProfile,
  type LeftoverReport,
  type LogSource,
  type SlowQueriesOptions,
  type SlowQueriesReport,
} from './slow-queries';
export type { ShapesReport, SlowIndex, SlowShape } from './report';
export type { IndexVerdict } from './serving';
