import { z } from 'zod';
import { webhookEvent } from './enums';
import { date, distinct, text, url, whole } from './fields';
import { objectId } from './object-id';
import { openDocument } from './open';

export const webhookSchema = openDocument({
  _id: objectId,
  user_id: objectId,
  /** Absent when it receives events of all the user's projects. */
  project_id: objectId.exactOptional(),
  name: text(1, 200).exactOptional(),
  url,
  events: distinct(webhookEvent, 1, 5),
  enabled: z.boolean(),
  /** The key that signs deliveries. */
  secret: text(16, 256),
  failures_in_a_row: whole(0, 1000).exactOptional(),
  last_triggered_at: date.exactOptional(),
  created_at: date,
  updated_at: date.exactOptional(),
});
export type Webhook = z.infer<typeof webhookSchema>;

export const newWebhookSchema = webhookSchema.extend({ _id: objectId.exactOptional() });
export type NewWebhook = z.infer<typeof newWebhookSchema>;
