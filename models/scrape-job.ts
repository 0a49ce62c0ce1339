import { z } from 'zod';
import { count, date, text } from './fields';
import { objectId } from './object-id';
import { openDocument, openObject } from './open';

export const scrapeJobSchema = openDocument({
  _id: objectId,
  project_id: objectId,
  user_id: objectId,
  target_ids: z.array(objectId).max(10_000).exactOptional(),
  status: z.enum(['queued', 'running', 'completed', 'failed', 'cancelled']),
  trigger: z.enum(['manual', 'schedule', 'api']).exactOptional(),
  progress: openObject({ total: count, done: count, failed: count.exactOptional() }).exactOptional(),
  results_count: count.exactOptional(),
  error: openObject({ code: text(1, 100).exactOptional(), message: text(0, 2000) }).exactOptional(),
  started_at: date.exactOptional(),
  finished_at: date.exactOptional(),
  created_at: date,
  updated_at: date.exactOptional(),
});
export type ScrapeJob = z.infer<typeof scrapeJobSchema>;

export const newScrapeJobSchema = scrapeJobSchema.extend({ _id: objectId.exactOptional() });
export type NewScrapeJob = z.infer<typeof newScrapeJobSchema>;
