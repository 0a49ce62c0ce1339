import { z } from 'zod';
import { webhookEvent } from './enums';
import { date, text, whole } from './fields';
import { objectId } from './object-id';
import { anyObject, openDocument } from './open';

export const webhookDeliverySchema = openDocument({
  _id: objectId,
  webhook_id: objectId,
  user_id: objectId,
  event: webhookEvent,
  status: z.enum(['pending', 'retrying', 'delivered', 'failed']),
  attempts: whole(0, 100),
  payload: anyObject.exactOptional(),
  response_code: whole(100, 599).exactOptional(),
  response_body: text(0, 10_000).exactOptional(),
  duration_ms: whole(0, 600_000).exactOptional(),
  error: text(0, 2000).exactOptional(),
  next_attempt_at: date.exactOptional(),
  delivered_at: date.exactOptional(),
  /** The document is deleted 7 days after this time. */
  created_at: date,
});
export type WebhookDelivery = z.infer<typeof webhookDeliverySchema>;

export const newWebhookDeliverySchema = webhookDeliverySchema.extend({ _id: objectId.exactOptional() });
export type NewWebhookDelivery = z.infer<typeof newWebhookDeliverySchema>;
