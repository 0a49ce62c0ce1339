import { z } from 'zod';
import { frequency, llmProvider, modelTier, platform } from './enums';
import { between, date, distinct, text, whole } from './fields';
import { openObject } from './open';

// The settings that presets and the config of projects share.

export const sources = distinct(platform, 1, 12);

export const pace = openObject({
  requests_per_minute: whole(1, 600),
  concurrency: whole(1, 32),
});

export const llm = openObject({
  tier: modelTier,
  provider: llmProvider.exactOptional(),
  model: text(1, 100).exactOptional(),
  temperature: between(0, 2).exactOptional(),
});

/** The analyses to run. If the field of an analysis is absent, the analysis is off. */
export const analyses = openObject({
  sentiment: z.boolean(),
  emotions: z.boolean().exactOptional(),
  topics: z.boolean().exactOptional(),
  aspects: z.boolean().exactOptional(),
  summary: z.boolean().exactOptional(),
});

export const limits = openObject({
  targets: whole(1, 10_000),
  results_per_run: whole(1, 100_000),
  runs_per_day: whole(1, 1440),
});

/** A cron expression with five fields, used if the frequency is cron. */
export const cron = text(0, 100).regex(/^[0-9A-Za-z*,/-]+( [0-9A-Za-z*,/-]+){4}$/);

/** The schedule as the user has set it. The scheduler stores its own state in the collection schedules. */
export const projectSchedule = openObject({
  enabled: z.boolean(),
  frequency,
  cron: cron.exactOptional(),
  next_run_at: date.exactOptional(),
});
