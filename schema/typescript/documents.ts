// Generated from the migrations by `schema export` and `npm run snapshot`. Do not edit.

import type { ObjectId } from 'mongodb';

/** A document of api_keys, as stored. */
export interface ApiKey {
  _id: ObjectId;
  user_id: ObjectId;
  provider: 'anthropic' | 'apify' | 'brightdata' | 'cohere' | 'google' | 'groq' | 'mistral' | 'openai' | 'openrouter' | 'scraperapi';
  label?: string;
  encrypted_key: string;
  /** The last characters, for people */
  key_hint?: string;
  is_active?: boolean;
  usage_count?: number;
  last_used_at?: Date;
  created_at: Date;
  updated_at?: Date;
}

/** A document to insert into api_keys: the driver makes an _id where there is none. */
export type NewApiKey = Omit<ApiKey, '_id'> & { _id?: ApiKey['_id'] };

/** A document of audit_logs, as stored. */
export interface AuditLog {
  _id: ObjectId;
  /** Null when nobody was signed in */
  user_id: ObjectId | null;
  /** Such as auth.login_failed */
  event_type: string;
  outcome?: 'success' | 'failure';
  project_id?: ObjectId;
  details?: Record<string, unknown>;
  ip_address?: string;
  user_agent?: string;
  created_at: Date;
}

/** A document to insert into audit_logs: the driver makes an _id where there is none. */
export type NewAuditLog = Omit<AuditLog, '_id'> & { _id?: AuditLog['_id'] };

export interface PresetPace {
  requests_per_minute: number;
  concurrency: number;
}

export interface PresetLlm {
  tier: 'local' | 'economy' | 'balanced' | 'premium';
  provider?: 'anthropic' | 'cohere' | 'google' | 'groq' | 'mistral' | 'ollama' | 'openai' | 'openrouter';
  model?: string;
  temperature?: number;
}

export interface PresetAnalyses {
  sentiment: boolean;
  emotions?: boolean;
  topics?: boolean;
  aspects?: boolean;
  summary?: boolean;
}

export interface PresetLimits {
  targets: number;
  results_per_run: number;
  runs_per_day: number;
}

/** A document of presets, as stored. */
export interface Preset {
  _id: ObjectId;
  /** Null for the system's own presets */
  user_id: ObjectId | null;
  name: string;
  description?: string;
  price_class?: 'free' | 'low' | 'medium' | 'high' | 'custom';
  sources: ('amazon' | 'app_store' | 'google_maps' | 'google_play' | 'imdb' | 'reddit' | 'steam' | 'tripadvisor' | 'trustpilot' | 'web' | 'yelp' | 'youtube')[];
  pace: PresetPace;
  llm: PresetLlm;
  analyses: PresetAnalyses;
  limits: PresetLimits;
  created_at: Date;
  updated_at?: Date;
}

/** A document to insert into presets: the driver makes an _id where there is none. */
export type NewPreset = Omit<Preset, '_id'> & { _id?: Preset['_id'] };

export interface ProjectConfigSchedule {
  enabled: boolean;
  frequency: 'hourly' | 'daily' | 'weekly' | 'monthly' | 'cron';
  /** Five fields; read when the frequency is cron */
  cron?: string;
  next_run_at?: Date;
}

export interface ProjectConfigPace {
  requests_per_minute: number;
  concurrency: number;
}

export interface ProjectConfigLlm {
  tier: 'local' | 'economy' | 'balanced' | 'premium';
  provider?: 'anthropic' | 'cohere' | 'google' | 'groq' | 'mistral' | 'ollama' | 'openai' | 'openrouter';
  model?: string;
  temperature?: number;
}

export interface ProjectConfigAnalyses {
  sentiment: boolean;
  emotions?: boolean;
  topics?: boolean;
  aspects?: boolean;
  summary?: boolean;
}

export interface ProjectConfigLimits {
  targets: number;
  results_per_run: number;
  runs_per_day: number;
}

export interface ProjectConfig {
  preset_id?: ObjectId;
  sources: ('amazon' | 'app_store' | 'google_maps' | 'google_play' | 'imdb' | 'reddit' | 'steam' | 'tripadvisor' | 'trustpilot' | 'web' | 'yelp' | 'youtube')[];
  schedule?: ProjectConfigSchedule;
  pace?: ProjectConfigPace;
  llm?: ProjectConfigLlm;
  analyses?: ProjectConfigAnalyses;
  limits?: ProjectConfigLimits;
}

export interface ProjectStats {
  targets?: number;
  results?: number;
  jobs?: number;
  average_sentiment?: number;
  last_run_at?: Date;
}

/** A document of projects, as stored. */
export interface Project {
  _id: ObjectId;
  user_id: ObjectId;
  name: string;
  description?: string;
  status: 'draft' | 'active' | 'paused' | 'archived';
  config: ProjectConfig;
  stats?: ProjectStats;
  created_at: Date;
  updated_at?: Date;
}

/** A document to insert into projects: the driver makes an _id where there is none. */
export type NewProject = Omit<Project, '_id'> & { _id?: Project['_id'] };

/** A document of refresh_tokens, as stored. */
export interface RefreshToken {
  _id: ObjectId;
  user_id: ObjectId;
  token: string;
  expires_at: Date;
  created_at: Date;
  revoked_at?: Date;
  ip_address?: string;
  user_agent?: string;
}

/** A document to insert into refresh_tokens: the driver makes an _id where there is none. */
export type NewRefreshToken = Omit<RefreshToken, '_id'> & { _id?: RefreshToken['_id'] };

export interface ResultContent {
  text: string;
  title?: string;
  author?: string;
  /** When it was written, as the platform says */
  date?: Date;
  /** Stars, on a scale of five */
  rating?: number;
  likes?: number;
  url?: string;
  external_id?: string;
  language_code?: string;
}

export interface ResultAnalysisSentiment {
  label: 'positive' | 'neutral' | 'negative' | 'mixed';
  /** From -1, all negative, to 1, all positive */
  score: number;
  confidence?: number;
}

export interface ResultAnalysisEmotions {
  joy?: number;
  sadness?: number;
  anger?: number;
  fear?: number;
  surprise?: number;
  disgust?: number;
}

export interface ResultAnalysisAspectsItem {
  name: string;
  label: 'positive' | 'neutral' | 'negative' | 'mixed';
  /** From -1, all negative, to 1, all positive */
  score: number;
}

export interface ResultAnalysis {
  sentiment: ResultAnalysisSentiment;
  emotions?: ResultAnalysisEmotions;
  topics?: string[];
  aspects?: ResultAnalysisAspectsItem[];
  summary?: string;
  model?: string;
  analyzed_at?: Date;
}

/** A document of results, as stored. */
export interface Result {
  _id: ObjectId;
  project_id: ObjectId;
  target_id: ObjectId;
  user_id: ObjectId;
  /** Absent when the result was imported */
  scrape_job_id?: ObjectId;
  platform: 'amazon' | 'app_store' | 'google_maps' | 'google_play' | 'imdb' | 'reddit' | 'steam' | 'tripadvisor' | 'trustpilot' | 'web' | 'yelp' | 'youtube';
  content: ResultContent;
  analysis?: ResultAnalysis;
  created_at: Date;
  updated_at?: Date;
}

/** A document to insert into results: the driver makes an _id where there is none. */
export type NewResult = Omit<Result, '_id'> & { _id?: Result['_id'] };

/** A document of schedules, as stored. */
export interface Schedule {
  _id: ObjectId;
  project_id: ObjectId;
  user_id: ObjectId;
  enabled: boolean;
  frequency: 'hourly' | 'daily' | 'weekly' | 'monthly' | 'cron';
  /** Five fields; read when the frequency is cron */
  cron?: string;
  timezone?: string;
  next_run?: Date;
  last_run?: Date;
  last_job_id?: ObjectId;
  failures_in_a_row?: number;
  created_at: Date;
  updated_at?: Date;
}

/** A document to insert into schedules: the driver makes an _id where there is none. */
export type NewSchedule = Omit<Schedule, '_id'> & { _id?: Schedule['_id'] };

export interface ScrapeJobProgress {
  total: number;
  done: number;
  failed?: number;
}

export interface ScrapeJobError {
  code?: string;
  message: string;
}

/** A document of scrape_jobs, as stored. */
export interface ScrapeJob {
  _id: ObjectId;
  project_id: ObjectId;
  user_id: ObjectId;
  target_ids?: ObjectId[];
  status: 'queued' | 'running' | 'completed' | 'failed' | 'cancelled';
  trigger?: 'manual' | 'schedule' | 'api';
  progress?: ScrapeJobProgress;
  results_count?: number;
  error?: ScrapeJobError;
  started_at?: Date;
  finished_at?: Date;
  created_at: Date;
  updated_at?: Date;
}

/** A document to insert into scrape_jobs: the driver makes an _id where there is none. */
export type NewScrapeJob = Omit<ScrapeJob, '_id'> & { _id?: ScrapeJob['_id'] };

export interface TargetLastError {
  message: string;
  at: Date;
}

/** A document of targets, as stored. */
export interface Target {
  _id: ObjectId;
  project_id: ObjectId;
  user_id: ObjectId;
  url: string;
  platform: 'amazon' | 'app_store' | 'google_maps' | 'google_play' | 'imdb' | 'reddit' | 'steam' | 'tripadvisor' | 'trustpilot' | 'web' | 'yelp' | 'youtube';
  status: 'pending' | 'active' | 'paused' | 'failed';
  name?: string;
  results_count?: number;
  last_scraped_at?: Date;
  last_error?: TargetLastError;
  created_at: Date;
  updated_at?: Date;
}

/** A document to insert into targets: the driver makes an _id where there is none. */
export type NewTarget = Omit<Target, '_id'> & { _id?: Target['_id'] };

export interface UserOauth {
  google_id?: string;
  github_id?: string;
}

/** A document of users, as stored. */
export interface User {
  _id: ObjectId;
  email: string;
  password_hash: string;
  name?: string;
  role?: 'user' | 'admin';
  is_active?: boolean;
  email_verified?: boolean;
  oauth?: UserOauth;
  created_at: Date;
  updated_at?: Date;
  last_login_at?: Date;
}

/** A document to insert into users: the driver makes an _id where there is none. */
export type NewUser = Omit<User, '_id'> & { _id?: User['_id'] };

/** A document of webhook_deliveries, as stored. */
export interface WebhookDelivery {
  _id: ObjectId;
  webhook_id: ObjectId;
  user_id: ObjectId;
  event: 'job.completed' | 'job.failed' | 'result.created' | 'sentiment.dropped' | 'target.failed';
  status: 'pending' | 'retrying' | 'delivered' | 'failed';
  attempts: number;
  payload?: Record<string, unknown>;
  response_code?: number;
  response_body?: string;
  duration_ms?: number;
  error?: string;
  next_attempt_at?: Date;
  delivered_at?: Date;
  created_at: Date;
}

/** A document to insert into webhook_deliveries: the driver makes an _id where there is none. */
export type NewWebhookDelivery = Omit<WebhookDelivery, '_id'> & { _id?: WebhookDelivery['_id'] };

/** A document of webhooks, as stored. */
export interface Webhook {
  _id: ObjectId;
  user_id: ObjectId;
  /** Absent when it hears of all the user's projects */
  project_id?: ObjectId;
  name?: string;
  url: string;
  events: ('job.completed' | 'job.failed' | 'result.created' | 'sentiment.dropped' | 'target.failed')[];
  enabled: boolean;
  /** Signs what is sent */
  secret: string;
  failures_in_a_row?: number;
  last_triggered_at?: Date;
  created_at: Date;
  updated_at?: Date;
}

/** A document to insert into webhooks: the driver makes an _id where there is none. */
export type NewWebhook = Omit<Webhook, '_id'> & { _id?: Webhook['_id'] };

/** Collection → its documents, as stored. */
export interface StoredDocuments {
  api_keys: ApiKey;
  audit_logs: AuditLog;
  presets: Preset;
  projects: Project;
  refresh_tokens: RefreshToken;
  results: Result;
  schedules: Schedule;
  scrape_jobs: ScrapeJob;
  targets: Target;
  users: User;
  webhook_deliveries: WebhookDelivery;
  webhooks: Webhook;
}

/** Collection → what may be inserted into it. */
export interface NewDocuments {
  api_keys: NewApiKey;
  audit_logs: NewAuditLog;
  presets: NewPreset;
  projects: NewProject;
  refresh_tokens: NewRefreshToken;
  results: NewResult;
  schedules: NewSchedule;
  scrape_jobs: NewScrapeJob;
  targets: NewTarget;
  users: NewUser;
  webhook_deliveries: NewWebhookDelivery;
  webhooks: NewWebhook;
}
