import { z } from 'zod';
import { keyProvider } from './enums';
import { count, date, text } from './fields';
import { objectId } from './object-id';
import { openDocument } from './open';

export const apiKeySchema = openDocument({
  _id: objectId,
  user_id: objectId,
  provider: keyProvider,
  label: text(1, 100).exactOptional(),
  encrypted_key: text(1, 4096),
  /** The last characters of the key. They help people to tell their keys apart. */
  key_hint: text(1, 8).exactOptional(),
  is_active: z.boolean().exactOptional(),
  usage_count: count.exactOptional(),
  last_used_at: date.exactOptional(),
  created_at: date,
  updated_at: date.exactOptional(),
});
export type ApiKey = z.infer<typeof apiKeySchema>;

export const newApiKeySchema = apiKeySchema.extend({ _id: objectId.exactOptional() });
export type NewApiKey = z.infer<typeof newApiKeySchema>;
