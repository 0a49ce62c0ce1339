import { ObjectId } from 'mongodb';
import type { CollectionName, NewDocument } from '../../models';

type Samples = { readonly [Name in CollectionName]: () => NewDocument<Name> };

const at = () => new Date('2026-11-23T12:00:00Z');
const id = () => new ObjectId();

/** A valid document for each collection with only the required fields. Unique fields differ each time. */
const samples: Samples = {
  users: () => ({ email: `${id().toHexString()}@example.com`, password_hash: '$2b$12$hash', created_at: at() }),
  projects: () => ({
    user_id: id(),
    name: 'Headphones',
    status: 'active',
    config: { sources: ['amazon'] },
    created_at: at(),
  }),
  targets: () => ({
    project_id: id(),
    user_id: id(),
    url: 'https://www.example.com/reviews/1',
    platform: 'trustpilot',
    status: 'active',
    created_at: at(),
  }),
  results: () => ({
    project_id: id(),
    target_id: id(),
    user_id: id(),
    platform: 'amazon',
    content: { text: 'Does what it says.' },
    created_at: at(),
  }),
  scrape_jobs: () => ({ project_id: id(), user_id: id(), status: 'queued', created_at: at() }),
  schedules: () => ({ project_id: id(), user_id: id(), enabled: true, frequency: 'daily', created_at: at() }),
  api_keys: () => ({ user_id: id(), provider: 'openai', encrypted_key: 'v1:c2VjcmV0', created_at: at() }),
  webhooks: () => ({
    user_id: id(),
    url: 'https://hooks.example.com/1',
    events: ['job.completed'],
    enabled: true,
    secret: '0123456789abcdef',
    created_at: at(),
  }),
  webhook_deliveries: () => ({
    webhook_id: id(),
    user_id: id(),
    event: 'job.completed',
    status: 'pending',
    attempts: 0,
    created_at: new Date(),
  }),
  audit_logs: () => ({ user_id: null, event_type: 'auth.login_failed', created_at: new Date() }),
  refresh_tokens: () => ({
    user_id: id(),
    token: id().toHexString(),
    expires_at: new Date(Date.now() + 86_400_000),
    created_at: at(),
  }),
  presets: () => ({
    user_id: id(),
    name: 'Mine',
    sources: ['reddit'],
    pace: { requests_per_minute: 10, concurrency: 1 },
    llm: { tier: 'local' },
    analyses: { sentiment: true },
    limits: { targets: 1, results_per_run: 100, runs_per_day: 1 },
    created_at: at(),
  }),
};

export function sample<Name extends CollectionName>(name: Name): NewDocument<Name> {
  return samples[name]();
}
