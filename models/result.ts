import { z } from 'zod';
import { platform, sentimentLabel } from './enums';
import { between, count, date, sentimentScore, share, text, url } from './fields';
import { objectId } from './object-id';
import { openDocument, openObject } from './open';

const content = openObject({
  text: text(1, 20_000),
  title: text(0, 500).exactOptional(),
  author: text(0, 200).exactOptional(),
  /** When it was written, as the platform says. */
  date: date.exactOptional(),
  /** Stars, on a scale of five. */
  rating: between(0, 5).exactOptional(),
  likes: count.exactOptional(),
  url: url.exactOptional(),
  external_id: text(1, 255).exactOptional(),
  /** Not named `language`: a text index would read such a field as its stemming language, and refuse unknown languages. */
  language_code: z
    .string()
    .regex(/^[a-z]{2,3}(-[A-Za-z]{2,4})?$/)
    .exactOptional(),
});

const analysis = openObject({
  sentiment: openObject({ label: sentimentLabel, score: sentimentScore, confidence: share.exactOptional() }),
  emotions: openObject({
    joy: share.exactOptional(),
    sadness: share.exactOptional(),
    anger: share.exactOptional(),
    fear: share.exactOptional(),
    surprise: share.exactOptional(),
    disgust: share.exactOptional(),
  }).exactOptional(),
  topics: z.array(text(1, 100)).max(50).exactOptional(),
  aspects: z
    .array(openObject({ name: text(1, 100), label: sentimentLabel, score: sentimentScore }))
    .max(50)
    .exactOptional(),
  summary: text(0, 2000).exactOptional(),
  model: text(1, 100).exactOptional(),
  analyzed_at: date.exactOptional(),
});

export const resultSchema = openDocument({
  _id: objectId,
  project_id: objectId,
  target_id: objectId,
  user_id: objectId,
  /** Absent when the result was imported. */
  scrape_job_id: objectId.exactOptional(),
  platform,
  content,
  /** Absent until it is analysed. */
  analysis: analysis.exactOptional(),
  created_at: date,
  updated_at: date.exactOptional(),
});
export type Result = z.infer<typeof resultSchema>;

export const newResultSchema = resultSchema.extend({ _id: objectId.exactOptional() });
export type NewResult = z.infer<typeof newResultSchema>;
