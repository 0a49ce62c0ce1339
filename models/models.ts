import type { z } from 'zod';
import { apiKeySchema } from './api-key';
import { auditLogSchema } from './audit-log';
import { presetSchema } from './preset';
import { projectSchema } from './project';
import { refreshTokenSchema } from './refresh-token';
import { resultSchema } from './result';
import { scheduleSchema } from './schedule';
import { scrapeJobSchema } from './scrape-job';
import { targetSchema } from './target';
import { userSchema } from './user';
import { webhookSchema } from './webhook';
import { webhookDeliverySchema } from './webhook-delivery';

/**
 * The model of each collection's stored documents.
 * @hidden
 */
export const models = {
  users: userSchema,
  projects: projectSchema,
  targets: targetSchema,
  results: resultSchema,
  scrape_jobs: scrapeJobSchema,
  schedules: scheduleSchema,
  api_keys: apiKeySchema,
  webhooks: webhookSchema,
  webhook_deliveries: webhookDeliverySchema,
  audit_logs: auditLogSchema,
  refresh_tokens: refreshTokenSchema,
  presets: presetSchema,
} as const;

/**
 * The collections of the product.
 * @category Models
 */
export type CollectionName = keyof typeof models;

/**
 * The type of a collection's documents, by the collection's name.
 * @category Models
 */
export type StoredDocument<Name extends CollectionName> = z.infer<(typeof models)[Name]>;
