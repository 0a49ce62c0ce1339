export type { Page } from './exposition';
export { families, type Family } from './families';
export { Pool } from './pool';
export { makeMetrics, type Metrics, type MetricsOptions } from './metrics';
