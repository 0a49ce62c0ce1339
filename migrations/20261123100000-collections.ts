import { createCollections, migration } from '../src/migration';

/** The twelve collections of the product, before anything can be said about them. */
export default migration(
  __filename,
  createCollections(
    'users',
    'projects',
    'targets',
    'results',
    'scrape_jobs',
    'schedules',
    'api_keys',
    'webhooks',
    'webhook_deliveries',
    'audit_logs',
    'refresh_tokens',
    'presets',
  ),
);
