import { ObjectId } from 'mongodb';
import type { KnownQuery } from './src/indexes';

/** An _id like the ones that the seeder creates. If a query `takes` the field, this value is used only for an empty collection. */
const id = new ObjectId('0da700000001000000000000');
const day = 24 * 3_600_000;
const daysAgo = (days: number) => new Date(Date.now() - days * day);
/** The number of entries on a page of a list. */
const page = 50;
/** The number of documents that workers and exports read in one query. */
const batch = 1000;

/**
 * The queries that the application sends. Each index that the product had at first is used by at least one of them, or is a TTL index,
 * which the server itself uses. For a new index, a query is optional. `schema explain` shows how the server answers the queries, and
 * reviews name the queries that lose an index.
 */
export const queries: readonly KnownQuery[] = [
  // Users, API keys and sessions.
  {
    name: 'user-by-email',
    collection: 'users',
    index: 'email_1',
    filter: { email: 'a@example.com' },
    takes: ['email'],
  },
  {
    name: 'newest-users',
    collection: 'users',
    index: 'created_at_1',
    filter: {},
    sort: { created_at: -1 },
    limit: page,
  },
  {
    name: 'user-by-google-id',
    collection: 'users',
    index: 'oauth.google_id_1',
    filter: { 'oauth.google_id': '1' },
    takes: ['oauth.google_id'],
  },
  {
    name: 'user-by-github-id',
    collection: 'users',
    index: 'oauth.github_id_1',
    filter: { 'oauth.github_id': '1' },
    takes: ['oauth.github_id'],
  },
  { name: 'keys-of-user', collection: 'api_keys', index: 'user_id_1', filter: { user_id: id }, takes: ['user_id'] },
  {
    name: 'key-for-provider',
    collection: 'api_keys',
    index: 'user_id_1_provider_1',
    filter: { user_id: id, provider: 'openai' },
    takes: ['user_id', 'provider'],
  },
  {
    name: 'sessions-of-user',
    collection: 'refresh_tokens',
    index: 'user_id_1',
    filter: { user_id: id },
    takes: ['user_id'],
  },
  {
    name: 'session-by-token',
    collection: 'refresh_tokens',
    index: 'token_1',
    filter: { token: 'a token that nobody has' },
    takes: ['token'],
  },
  {
    name: 'expired-sessions',
    collection: 'refresh_tokens',
    index: 'expires_at_1',
    filter: { expires_at: { $lte: daysAgo(0) } },
    limit: batch,
  },

  // Audit logs.
  {
    name: 'trail-of-user',
    collection: 'audit_logs',
    index: 'user_id_1_created_at_1',
    filter: { user_id: id, created_at: { $gte: daysAgo(30) } },
    takes: ['user_id'],
    sort: { created_at: 1 },
    limit: page,
  },
  {
    name: 'events-of-kind',
    collection: 'audit_logs',
    index: 'event_type_1',
    filter: { event_type: 'auth.login_failed' },
    limit: page,
  },
  {
    name: 'latest-events',
    collection: 'audit_logs',
    index: 'created_at_1',
    filter: {},
    sort: { created_at: -1 },
    limit: page,
  },
  {
    name: 'expired-events',
    collection: 'audit_logs',
    index: 'created_at_1',
    filter: { created_at: { $lte: daysAgo(365) } },
    limit: batch,
  },

  // Projects, targets and schedules.
  { name: 'projects-of-user', collection: 'projects', index: 'user_id_1', filter: { user_id: id }, takes: ['user_id'] },
  {
    name: 'projects-by-status',
    collection: 'projects',
    index: 'user_id_1_status_1',
    filter: { user_id: id, status: 'active' },
    takes: ['user_id', 'status'],
  },
  {
    name: 'newest-projects',
    collection: 'projects',
    index: 'created_at_1',
    filter: {},
    sort: { created_at: -1 },
    limit: page,
  },
  {
    name: 'due-projects',
    collection: 'projects',
    index: 'config.schedule.next_run_at_1',
    filter: { 'config.schedule.next_run_at': { $lte: daysAgo(0) } },
    limit: batch,
  },
  {
    name: 'targets-of-project',
    collection: 'targets',
    index: 'project_id_1',
    filter: { project_id: id },
    takes: ['project_id'],
  },
  {
    name: 'active-targets',
    collection: 'targets',
    index: 'project_id_1_status_1',
    filter: { project_id: id, status: 'active' },
    takes: ['project_id', 'status'],
  },
  {
    name: 'targets-of-user',
    collection: 'targets',
    index: 'user_id_1',
    filter: { user_id: id },
    takes: ['user_id'],
    limit: batch,
  },
  {
    name: 'target-by-url',
    collection: 'targets',
    index: 'url_1',
    filter: { url: 'https://example.com/' },
    takes: ['url'],
  },
  {
    name: 'targets-on-platform',
    collection: 'targets',
    index: 'project_id_1_platform_1',
    filter: { project_id: id, platform: 'amazon' },
    takes: ['project_id', 'platform'],
  },
  {
    name: 'schedule-of-project',
    collection: 'schedules',
    index: 'project_id_1',
    filter: { project_id: id },
    takes: ['project_id'],
  },
  {
    name: 'schedules-of-user',
    collection: 'schedules',
    index: 'user_id_1',
    filter: { user_id: id },
    takes: ['user_id'],
  },
  {
    name: 'due-schedules',
    collection: 'schedules',
    index: 'enabled_1_next_run_1',
    filter: { enabled: true, next_run: { $lte: daysAgo(0) } },
    sort: { next_run: 1 },
    limit: batch,
  },

  // Results and scrape jobs.
  {
    name: 'newest-results-of-project',
    collection: 'results',
    index: 'project_id_1_created_at_1',
    filter: { project_id: id },
    takes: ['project_id'],
    sort: { created_at: -1 },
    limit: page,
  },
  {
    name: 'trend-of-project',
    collection: 'results',
    index: 'project_id_1_created_at_1',
    filter: { project_id: id, created_at: { $gte: daysAgo(30) } },
    takes: ['project_id'],
    sort: { created_at: 1 },
    limit: batch,
  },
  {
    name: 'newest-results-of-target',
    collection: 'results',
    index: 'target_id_1_created_at_1',
    filter: { target_id: id },
    takes: ['target_id'],
    sort: { created_at: -1 },
    limit: page,
  },
  {
    name: 'results-of-user',
    collection: 'results',
    index: 'user_id_1',
    filter: { user_id: id },
    takes: ['user_id'],
    limit: batch,
  },
  {
    name: 'results-of-job',
    collection: 'results',
    index: 'scrape_job_id_1',
    filter: { scrape_job_id: id },
    takes: ['scrape_job_id'],
  },
  {
    name: 'results-by-sentiment',
    collection: 'results',
    index: 'analysis.sentiment.label_1',
    filter: { 'analysis.sentiment.label': 'negative' },
    limit: batch,
  },
  {
    name: 'results-by-day',
    collection: 'results',
    index: 'content.date_1',
    filter: { 'content.date': { $gte: daysAgo(90) } },
    sort: { 'content.date': 1 },
    limit: batch,
  },
  {
    name: 'results-of-platform',
    collection: 'results',
    index: 'platform_1',
    filter: { platform: 'amazon' },
    takes: ['platform'],
    limit: batch,
  },
  {
    name: 'search-results',
    collection: 'results',
    index: 'content.text_text_content.title_text',
    filter: { $text: { $search: 'battery' } },
    sort: { score: { $meta: 'textScore' } },
    limit: page,
  },
  {
    name: 'latest-jobs-of-project',
    collection: 'scrape_jobs',
    index: 'project_id_1_created_at_1',
    filter: { project_id: id },
    takes: ['project_id'],
    sort: { created_at: -1 },
    limit: page,
  },
  {
    name: 'waiting-jobs',
    collection: 'scrape_jobs',
    index: 'status_1',
    filter: { status: { $in: ['queued', 'running'] } },
    limit: batch,
  },
  {
    name: 'jobs-of-user',
    collection: 'scrape_jobs',
    index: 'user_id_1',
    filter: { user_id: id },
    takes: ['user_id'],
    limit: batch,
  },
  {
    name: 'latest-jobs',
    collection: 'scrape_jobs',
    index: 'created_at_1',
    filter: {},
    sort: { created_at: -1 },
    limit: page,
  },

  // Webhooks and their deliveries.
  { name: 'webhooks-of-user', collection: 'webhooks', index: 'user_id_1', filter: { user_id: id }, takes: ['user_id'] },
  {
    name: 'webhooks-for-event',
    collection: 'webhooks',
    index: 'enabled_1_events_1',
    filter: { enabled: true, events: 'job.completed' },
  },
  {
    name: 'deliveries-of-webhook',
    collection: 'webhook_deliveries',
    index: 'webhook_id_1_created_at_1',
    filter: { webhook_id: id },
    takes: ['webhook_id'],
    sort: { created_at: -1 },
    limit: page,
  },
  {
    name: 'deliveries-of-user',
    collection: 'webhook_deliveries',
    index: 'user_id_1',
    filter: { user_id: id },
    takes: ['user_id'],
    limit: batch,
  },
  {
    name: 'waiting-deliveries',
    collection: 'webhook_deliveries',
    index: 'status_1',
    filter: { status: 'pending' },
    limit: batch,
  },
  {
    name: 'expired-deliveries',
    collection: 'webhook_deliveries',
    index: 'created_at_1',
    filter: { created_at: { $lte: daysAgo(7) } },
    limit: batch,
  },

  // Presets. System presets have no user.
  {
    name: 'presets-of-user',
    collection: 'presets',
    index: 'user_id_1',
    filter: { user_id: { $in: [null, id] } },
  },
  {
    name: 'preset-by-name',
    collection: 'presets',
    index: 'user_id_1_name_1',
    filter: { user_id: id, name: 'Balanced' },
    takes: ['user_id', 'name'],
  },
  {
    name: 'newest-presets',
    collection: 'presets',
    index: 'created_at_1',
    filter: {},
    sort: { created_at: -1 },
    limit: page,
  },
];
