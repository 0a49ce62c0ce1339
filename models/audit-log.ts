import { z } from 'zod';
import { date, ipAddress, text } from './fields';
import { objectId } from './object-id';
import { anyObject, openDocument } from './open';

export const auditLogSchema = openDocument({
  _id: objectId,
  /** Null if nobody was signed in. */
  user_id: objectId.nullable(),
  /** For example auth.login_failed. */
  event_type: text(0, 100).regex(/^[a-z][a-z0-9_]*([.][a-z][a-z0-9_]*)*$/),
  outcome: z.enum(['success', 'failure']).exactOptional(),
  project_id: objectId.exactOptional(),
  details: anyObject.exactOptional(),
  ip_address: ipAddress.exactOptional(),
  user_agent: text(0, 512).exactOptional(),
  /** The document is deleted one year after this time. */
  created_at: date,
});
export type AuditLog = z.infer<typeof auditLogSchema>;

export const newAuditLogSchema = auditLogSchema.extend({ _id: objectId.exactOptional() });
export type NewAuditLog = z.infer<typeof newAuditLogSchema>;
