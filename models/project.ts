import { z } from 'zod';
import { count, date, sentimentScore, text } from './fields';
import { objectId } from './object-id';
import { openDocument, openObject } from './open';
import { analyses, limits, llm, pace, projectSchedule, sources } from './settings';

export const projectSchema = openDocument({
  _id: objectId,
  user_id: objectId,
  name: text(1, 200),
  description: text(0, 2000).exactOptional(),
  status: z.enum(['draft', 'active', 'paused', 'archived']),
  config: openObject({
    preset_id: objectId.exactOptional(),
    sources,
    schedule: projectSchedule.exactOptional(),
    pace: pace.exactOptional(),
    llm: llm.exactOptional(),
    analyses: analyses.exactOptional(),
    limits: limits.exactOptional(),
  }),
  stats: openObject({
    targets: count.exactOptional(),
    results: count.exactOptional(),
    jobs: count.exactOptional(),
    average_sentiment: sentimentScore.exactOptional(),
    last_run_at: date.exactOptional(),
  }).exactOptional(),
  created_at: date,
  updated_at: date.exactOptional(),
});
export type Project = z.infer<typeof projectSchema>;

export const newProjectSchema = projectSchema.extend({ _id: objectId.exactOptional() });
export type NewProject = z.infer<typeof newProjectSchema>;
