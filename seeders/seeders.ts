import { apiKeys } from './api-keys';
import { auditLogs } from './audit-logs';
import { presets } from './presets';
import { projects } from './projects';
import { refreshTokens } from './refresh-tokens';
import { results } from './results';
import { schedules } from './schedules';
import { scrapeJobs } from './scrape-jobs';
import type { Seeder } from './seeder';
import { targets } from './targets';
import { users } from './users';
import { webhookDeliveries } from './webhook-deliveries';
import { webhooks } from './webhooks';

/** The seeders in the order in which they run: documents are created before the documents that refer to them. */
export const seeders: readonly Seeder[] = [
  users,
  presets,
  projects,
  targets,
  scrapeJobs,
  schedules,
  apiKeys,
  webhooks,
  webhookDeliveries,
  auditLogs,
  refreshTokens,
  results,
];
