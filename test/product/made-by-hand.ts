import type { CreateIndexesOptions, Db, IndexSpecification } from 'mongodb';

type Made = readonly [key: IndexSpecification, options?: CreateIndexesOptions];

/** What an init script made before there were migrations; no index has an explicit name. */
const indexes: Readonly<Record<string, readonly Made[]>> = {
  users: [
    [{ email: 1 }, { unique: true }],
    [{ created_at: 1 }],
    [{ 'oauth.google_id': 1 }, { sparse: true, unique: true }],
    [{ 'oauth.github_id': 1 }, { sparse: true, unique: true }],
  ],
  projects: [
    [{ user_id: 1 }],
    [{ user_id: 1, status: 1 }],
    [{ created_at: 1 }],
    [{ 'config.schedule.next_run_at': 1 }],
  ],
  targets: [
    [{ project_id: 1 }],
    [{ project_id: 1, status: 1 }],
    [{ user_id: 1 }],
    [{ url: 1 }],
    [{ project_id: 1, platform: 1 }],
  ],
  results: [
    [{ project_id: 1, created_at: 1 }],
    [{ target_id: 1, created_at: 1 }],
    [{ user_id: 1 }],
    [{ scrape_job_id: 1 }],
    [{ 'analysis.sentiment.label': 1 }],
    [{ 'content.date': 1 }],
    [{ platform: 1 }],
    [{ 'content.text': 'text', 'content.title': 'text' }, { weights: { 'content.title': 10, 'content.text': 5 } }],
  ],
  scrape_jobs: [[{ project_id: 1, created_at: 1 }], [{ status: 1 }], [{ user_id: 1 }], [{ created_at: 1 }]],
  schedules: [[{ project_id: 1 }, { unique: true }], [{ user_id: 1 }], [{ enabled: 1, next_run: 1 }]],
  api_keys: [[{ user_id: 1 }], [{ user_id: 1, provider: 1 }]],
  webhooks: [[{ user_id: 1 }], [{ enabled: 1, events: 1 }]],
  webhook_deliveries: [
    [{ webhook_id: 1, created_at: 1 }],
    [{ user_id: 1 }],
    [{ status: 1 }],
    [{ created_at: 1 }, { expireAfterSeconds: 604_800 }],
  ],
  audit_logs: [
    [{ user_id: 1, created_at: 1 }],
    [{ event_type: 1 }],
    [{ created_at: 1 }, { expireAfterSeconds: 31_536_000 }],
  ],
  refresh_tokens: [[{ user_id: 1 }], [{ token: 1 }, { unique: true }], [{ expires_at: 1 }, { expireAfterSeconds: 0 }]],
  presets: [[{ user_id: 1 }], [{ user_id: 1, name: 1 }, { unique: true }], [{ created_at: 1 }]],
};

const usersValidator = { $jsonSchema: { bsonType: 'object', required: ['email', 'password_hash', 'created_at'] } };

/** Makes that database, with the driver alone. */
export async function makeDatabaseByHand(db: Db): Promise<void> {
  await Promise.all(
    Object.entries(indexes).map(async ([name, made]) => {
      const collection = await db.createCollection(name, name === 'users' ? { validator: usersValidator } : {});
      for (const [key, options = {}] of made) await collection.createIndex(key, options, {});
    }),
  );
}
