import { z } from 'zod';
import { platform } from './enums';
import { count, date, text, url } from './fields';
import { objectId } from './object-id';
import { openDocument, openObject } from './open';

export const targetSchema = openDocument({
  _id: objectId,
  project_id: objectId,
  user_id: objectId,
  url,
  platform,
  status: z.enum(['pending', 'active', 'paused', 'failed']),
  name: text(1, 200).exactOptional(),
  results_count: count.exactOptional(),
  last_scraped_at: date.exactOptional(),
  last_error: openObject({ message: text(0, 2000), at: date }).exactOptional(),
  created_at: date,
  updated_at: date.exactOptional(),
});
export type Target = z.infer<typeof targetSchema>;

export const newTargetSchema = targetSchema.extend({ _id: objectId.exactOptional() });
export type NewTarget = z.infer<typeof newTargetSchema>;
