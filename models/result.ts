import { z } from 'zod';
import { platform, sentimentLabel } from './enums';
import { between, count, date, sentimentScore, share, text, url } from './fields';
import { objectId } from './object-id';
import { openDocument, openObject } from './open';

const content = openObject({
  text: text(1, 20_000),
  title: text(0, 500).exactOptional(),
  author: text(0, 200).exactOptional(),
  /** The time at which the content was written, according to the platform. */
  date: date.exactOptional(),
  /** Stars, on a scale of five. */
  rating: between(0, 5).exactOptional(),
  likes: count.exactOptional(),
  url: url.exactOptional(),
  external_id: text(1, 255).exactOptional(),
  /** Not named `language`: the text index would use such a field to choose its stemmer, and refuse unknown languages. */
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
  /** Absent if the result was imported. */
  scrape_job_id: objectId.exactOptional(),
  platform,
  content,
  /** Absent until the result is analysed. */
  analysis: analysis.exactOptional(),
  created_at: date,
  updated_at: date.exactOptional(),
});
export type Result = z.infer<typeof resultSchema>;

export const newResultSchema = resultSchema.extend({ _id: objectId.exactOptional() });
export type NewResult = z.infer<typeof newResultSchema>;
