import { createIndexes, migration } from '../src/migration';

/**
 * What the product forgets by itself: deliveries after 7 days, the audit trail after a year, sessions when they expire.
 * A value that is not a date would never expire; the validators require one.
 */
export default migration(
  __filename,
  createIndexes('webhook_deliveries', [
    {
      name: 'created_at_1',
      key: { created_at: 1 },
      expireAfterSeconds: 604800,
      serves: 'removing deliveries 7 days after they were made',
    },
  ]),
  createIndexes('audit_logs', [
    {
      name: 'created_at_1',
      key: { created_at: 1 },
      expireAfterSeconds: 31536000,
      serves: 'removing events a year after they happened; the latest events of everyone',
    },
  ]),
  createIndexes('refresh_tokens', [
    {
      name: 'expires_at_1',
      key: { expires_at: 1 },
      expireAfterSeconds: 0,
      serves: 'removing sessions as soon as they expire',
    },
  ]),
);
