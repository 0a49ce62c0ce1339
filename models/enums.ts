import { z } from 'zod';

/**
 * The platforms of reviews and posts.
 * @hidden
 */
export const platform = z.enum([
  'amazon',
  'app_store',
  'google_maps',
  'google_play',
  'imdb',
  'reddit',
  'steam',
  'tripadvisor',
  'trustpilot',
  'web',
  'yelp',
  'youtube',
]);
export type Platform = z.infer<typeof platform>;

export const frequency = z.enum(['hourly', 'daily', 'weekly', 'monthly', 'cron']);
export type Frequency = z.infer<typeof frequency>;

export const sentimentLabel = z.enum(['positive', 'neutral', 'negative', 'mixed']);
export type SentimentLabel = z.infer<typeof sentimentLabel>;

export const modelTier = z.enum(['local', 'economy', 'balanced', 'premium']);
export type ModelTier = z.infer<typeof modelTier>;

/**
 * The providers of language models. Only ollama needs no key.
 * @hidden
 */
export const llmProvider = z.enum([
  'anthropic',
  'cohere',
  'google',
  'groq',
  'mistral',
  'ollama',
  'openai',
  'openrouter',
]);
export type LlmProvider = z.infer<typeof llmProvider>;

/**
 * The providers whose keys users store: language models and scraping services.
 * @hidden
 */
export const keyProvider = z.enum([
  'anthropic',
  'apify',
  'brightdata',
  'cohere',
  'google',
  'groq',
  'mistral',
  'openai',
  'openrouter',
  'scraperapi',
]);
export type KeyProvider = z.infer<typeof keyProvider>;

export const webhookEvent = z.enum([
  'job.completed',
  'job.failed',
  'result.created',
  'sentiment.dropped',
  'target.failed',
]);
export type WebhookEvent = z.infer<typeof webhookEvent>;
