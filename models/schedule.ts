import { z } from 'zod';
import { frequency } from './enums';
import { date, text, whole } from './fields';
import { objectId } from './object-id';
import { openDocument } from './open';
import { cron } from './settings';

export const scheduleSchema = openDocument({
  _id: objectId,
  project_id: objectId,
  user_id: objectId,
  enabled: z.boolean(),
  frequency,
  cron: cron.exactOptional(),
  timezone: text(0, 64)
    .regex(/^[A-Za-z0-9_+/-]+$/)
    .exactOptional(),
  next_run: date.exactOptional(),
  last_run: date.exactOptional(),
  last_job_id: objectId.exactOptional(),
  failures_in_a_row: whole(0, 1000).exactOptional(),
  created_at: date,
  updated_at: date.exactOptional(),
});
export type Schedule = z.infer<typeof scheduleSchema>;

export const newScheduleSchema = scheduleSchema.extend({ _id: objectId.exactOptional() });
export type NewSchedule = z.infer<typeof newScheduleSchema>;
