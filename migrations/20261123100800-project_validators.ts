import { addValidator, migration } from '../src/migration';

const objectId = { bsonType: 'objectId' };
const date = { bsonType: 'date' };
const bool = { bsonType: 'bool' };
const number = { bsonType: 'number', not: { bsonType: 'decimal' } };
const whole = { ...number, multipleOf: 1 };
const count = { ...whole, minimum: 0, maximum: 9007199254740991 };
const strict = { validationLevel: 'strict', validationAction: 'error' } as const;

const platform = {
  bsonType: 'string',
  enum: [
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
  ],
};
const frequency = { bsonType: 'string', enum: ['hourly', 'daily', 'weekly', 'monthly', 'cron'] };
const cron = {
  bsonType: 'string',
  maxLength: 100,
  pattern: '^[0-9A-Za-z*,/-]+( [0-9A-Za-z*,/-]+){4}(?!\\n)$',
  description: 'Five fields; read when the frequency is cron',
};

/**
 * What a person asks to have watched: a project, the pages it follows, and the one schedule that starts its jobs. The
 * settings under `config` have the shape of a preset's. In patterns, `(?!\n)$` is the very end: the server's `$` alone
 * also matches before a last line break.
 */
export default migration(
  __filename,
  addValidator(
    'projects',
    {
      $jsonSchema: {
        bsonType: 'object',
        required: ['user_id', 'name', 'status', 'config', 'created_at'],
        properties: {
          _id: objectId,
          user_id: objectId,
          name: { bsonType: 'string', minLength: 1, maxLength: 200 },
          description: { bsonType: 'string', maxLength: 2000 },
          status: { bsonType: 'string', enum: ['draft', 'active', 'paused', 'archived'] },
          config: {
            bsonType: 'object',
            required: ['sources'],
            properties: {
              preset_id: objectId,
              sources: { bsonType: 'array', items: platform, minItems: 1, maxItems: 12, uniqueItems: true },
              schedule: {
                bsonType: 'object',
                required: ['enabled', 'frequency'],
                properties: { enabled: bool, frequency, cron, next_run_at: date },
              },
              pace: {
                bsonType: 'object',
                required: ['requests_per_minute', 'concurrency'],
                properties: {
                  requests_per_minute: { ...whole, minimum: 1, maximum: 600 },
                  concurrency: { ...whole, minimum: 1, maximum: 32 },
                },
              },
              llm: {
                bsonType: 'object',
                required: ['tier'],
                properties: {
                  tier: { bsonType: 'string', enum: ['local', 'economy', 'balanced', 'premium'] },
                  provider: {
                    bsonType: 'string',
                    enum: ['anthropic', 'cohere', 'google', 'groq', 'mistral', 'ollama', 'openai', 'openrouter'],
                  },
                  model: { bsonType: 'string', minLength: 1, maxLength: 100 },
                  temperature: { ...number, minimum: 0, maximum: 2 },
                },
              },
              analyses: {
                bsonType: 'object',
                required: ['sentiment'],
                properties: { sentiment: bool, emotions: bool, topics: bool, aspects: bool, summary: bool },
              },
              limits: {
                bsonType: 'object',
                required: ['targets', 'results_per_run', 'runs_per_day'],
                properties: {
                  targets: { ...whole, minimum: 1, maximum: 10000 },
                  results_per_run: { ...whole, minimum: 1, maximum: 100000 },
                  runs_per_day: { ...whole, minimum: 1, maximum: 1440 },
                },
              },
            },
          },
          stats: {
            bsonType: 'object',
            properties: {
              targets: count,
              results: count,
              jobs: count,
              average_sentiment: { ...number, minimum: -1, maximum: 1 },
              last_run_at: date,
            },
          },
          created_at: date,
          updated_at: date,
        },
      },
    },
    strict,
  ),
  addValidator(
    'targets',
    {
      $jsonSchema: {
        bsonType: 'object',
        required: ['project_id', 'user_id', 'url', 'platform', 'status', 'created_at'],
        properties: {
          _id: objectId,
          project_id: objectId,
          user_id: objectId,
          url: { bsonType: 'string', maxLength: 2048, pattern: '^https?://[^ \\t\\r\\n]+(?!\\n)$' },
          platform,
          status: { bsonType: 'string', enum: ['pending', 'active', 'paused', 'failed'] },
          name: { bsonType: 'string', minLength: 1, maxLength: 200 },
          results_count: count,
          last_scraped_at: date,
          last_error: {
            bsonType: 'object',
            required: ['message', 'at'],
            properties: { message: { bsonType: 'string', maxLength: 2000 }, at: date },
          },
          created_at: date,
          updated_at: date,
        },
      },
    },
    strict,
  ),
  addValidator(
    'schedules',
    {
      $jsonSchema: {
        bsonType: 'object',
        required: ['project_id', 'user_id', 'enabled', 'frequency', 'created_at'],
        properties: {
          _id: objectId,
          project_id: objectId,
          user_id: objectId,
          enabled: bool,
          frequency,
          cron,
          timezone: { bsonType: 'string', maxLength: 64, pattern: '^[A-Za-z0-9_+/-]+(?!\\n)$' },
          next_run: date,
          last_run: date,
          last_job_id: objectId,
          failures_in_a_row: { ...whole, minimum: 0, maximum: 1000 },
          created_at: date,
          updated_at: date,
        },
      },
    },
    strict,
  ),
);
