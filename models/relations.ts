import type { CollectionName } from './models';

/**
 * A field that contains the _id of a document of another collection.
 * @category Models
 */
// This is a type alias. For an interface, docs/api would list every collection, and would be out of date after each new collection.
export type Relation = {
  /** The path of a field that contains the `_id` of a document in `to`, or a list of such `_id`s. */
  readonly from: `${CollectionName}.${string}`;
  readonly to: CollectionName;
};

/**
 * The references between documents. The server does not know these references. A null value refers to no document.
 * @hidden
 */
export const relations = [
  { from: 'projects.user_id', to: 'users' },
  { from: 'projects.config.preset_id', to: 'presets' },
  { from: 'targets.project_id', to: 'projects' },
  { from: 'targets.user_id', to: 'users' },
  { from: 'results.project_id', to: 'projects' },
  { from: 'results.target_id', to: 'targets' },
  { from: 'results.user_id', to: 'users' },
  { from: 'results.scrape_job_id', to: 'scrape_jobs' },
  { from: 'scrape_jobs.project_id', to: 'projects' },
  { from: 'scrape_jobs.user_id', to: 'users' },
  { from: 'scrape_jobs.target_ids', to: 'targets' },
  { from: 'schedules.project_id', to: 'projects' },
  { from: 'schedules.user_id', to: 'users' },
  { from: 'schedules.last_job_id', to: 'scrape_jobs' },
  { from: 'api_keys.user_id', to: 'users' },
  { from: 'webhooks.user_id', to: 'users' },
  { from: 'webhooks.project_id', to: 'projects' },
  { from: 'webhook_deliveries.webhook_id', to: 'webhooks' },
  { from: 'webhook_deliveries.user_id', to: 'users' },
  { from: 'audit_logs.user_id', to: 'users' },
  { from: 'audit_logs.project_id', to: 'projects' },
  { from: 'refresh_tokens.user_id', to: 'users' },
  { from: 'presets.user_id', to: 'users' },
] as const satisfies readonly Relation[];
