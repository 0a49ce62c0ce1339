import { z } from 'zod';
import { date, text } from './fields';
import { objectId } from './object-id';
import { openDocument, openObject } from './open';

export const userSchema = openDocument({
  _id: objectId,
  email: text(0, 254).regex(/^[^@ \t\r\n]+@[^@ \t\r\n]+$/),
  password_hash: text(1, 255),
  name: text(1, 200).exactOptional(),
  role: z.enum(['user', 'admin']).exactOptional(),
  is_active: z.boolean().exactOptional(),
  email_verified: z.boolean().exactOptional(),
  /** An id is absent or a string, never null: the sparse unique indexes would treat a second null as a duplicate. */
  oauth: openObject({
    google_id: text(1, 255).exactOptional(),
    github_id: text(1, 255).exactOptional(),
  }).exactOptional(),
  created_at: date,
  updated_at: date.exactOptional(),
  last_login_at: date.exactOptional(),
});
export type User = z.infer<typeof userSchema>;

export const newUserSchema = userSchema.extend({ _id: objectId.exactOptional() });
export type NewUser = z.infer<typeof newUserSchema>;
