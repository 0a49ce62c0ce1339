import type { z } from 'zod';
import { date, ipAddress, text } from './fields';
import { objectId } from './object-id';
import { openDocument } from './open';

export const refreshTokenSchema = openDocument({
  _id: objectId,
  user_id: objectId,
  token: text(16, 1024),
  /** The session is removed at this time. */
  expires_at: date,
  created_at: date,
  revoked_at: date.exactOptional(),
  ip_address: ipAddress.exactOptional(),
  user_agent: text(0, 512).exactOptional(),
});
export type RefreshToken = z.infer<typeof refreshTokenSchema>;

export const newRefreshTokenSchema = refreshTokenSchema.extend({ _id: objectId.exactOptional() });
export type NewRefreshToken = z.infer<typeof newRefreshTokenSchema>;
