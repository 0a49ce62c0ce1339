export { cachedHealth, checkHealth, type HealthOptions } from './cached';
export type { CheckOptions, Health } from './check';
export { healthHandler, healthPlugin, type HealthHandler, type HealthPlugin } from './handler';
export { serveHealth, type HealthServer, type ServeOptions } from './server';
