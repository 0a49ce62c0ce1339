import type { z } from 'zod';
import { newApiKeySchema } from './api-key';
import { newAuditLogSchema } from './audit-log';
import type { CollectionName } from './models';
import { newPresetSchema } from './preset';
import { newProjectSchema } from './project';
import { newRefreshTokenSchema } from './refresh-token';
import { newResultSchema } from './result';
import { newScheduleSchema } from './schedule';
import { newScrapeJobSchema } from './scrape-job';
import { newTargetSchema } from './target';
import { newUserSchema } from './user';
import { newWebhookSchema } from './webhook';
import { newWebhookDeliverySchema } from './webhook-delivery';

/**
 * The model of the documents to insert into each collection: like stored documents, with or without an `_id`.
 * @hidden
 */
export const newModels = {
  users: newUserSchema,
  projects: newProjectSchema,
  targets: newTargetSchema,
  results: newResultSchema,
  scrape_jobs: newScrapeJobSchema,
  schedules: newScheduleSchema,
  api_keys: newApiKeySchema,
  webhooks: newWebhookSchema,
  webhook_deliveries: newWebhookDeliverySchema,
  audit_logs: newAuditLogSchema,
  refresh_tokens: newRefreshTokenSchema,
  presets: newPresetSchema,
} as const satisfies Record<CollectionName, z.ZodObject>;

/**
 * The type of a document to insert into a collection, by the collection's name.
 * @category Models
 */
export type NewDocument<Name extends CollectionName> = z.infer<(typeof newModels)[Name]>;
