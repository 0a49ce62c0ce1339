import { addValidator, migration } from '../src/migration';

const objectId = { bsonType: 'objectId' };
const date = { bsonType: 'date' };
const number = { bsonType: 'number', not: { bsonType: 'decimal' } };
const whole = { ...number, multipleOf: 1 };
const count = { ...whole, minimum: 0, maximum: 9007199254740991 };
const share = { ...number, minimum: 0, maximum: 1 };
const score = { ...number, minimum: -1, maximum: 1, description: 'From -1, all negative, to 1, all positive' };
const label = { bsonType: 'string', enum: ['positive', 'neutral', 'negative', 'mixed'] };
const strict = { validationLevel: 'strict', validationAction: 'error' } as const;

/**
 * What a job finds, and the job itself. A result without `analysis` waits for it. The field for a text's language is
 * not called `language`: the text index would take that for the stemmer to use and refuse the ones it lacks.
 * In patterns, `(?!\n)$` is the very end: the server's `$` alone also matches before a last line break.
 */
export default migration(
  __filename,
  addValidator(
    'results',
    {
      $jsonSchema: {
        bsonType: 'object',
        required: ['project_id', 'target_id', 'user_id', 'platform', 'content', 'created_at'],
        properties: {
          _id: objectId,
          project_id: objectId,
          target_id: objectId,
          user_id: objectId,
          scrape_job_id: { bsonType: 'objectId', description: 'Absent when the result was imported' },
          platform: {
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
          },
          content: {
            bsonType: 'object',
            required: ['text'],
            properties: {
              text: { bsonType: 'string', minLength: 1, maxLength: 20000 },
              title: { bsonType: 'string', maxLength: 500 },
              author: { bsonType: 'string', maxLength: 200 },
              date: { bsonType: 'date', description: 'When it was written, as the platform says' },
              rating: { ...number, minimum: 0, maximum: 5, description: 'Stars, on a scale of five' },
              likes: count,
              url: { bsonType: 'string', maxLength: 2048, pattern: '^https?://[^ \\t\\r\\n]+(?!\\n)$' },
              external_id: { bsonType: 'string', minLength: 1, maxLength: 255 },
              language_code: { bsonType: 'string', pattern: '^[a-z]{2,3}(-[A-Za-z]{2,4})?(?!\\n)$' },
            },
          },
          analysis: {
            bsonType: 'object',
            required: ['sentiment'],
            properties: {
              sentiment: {
                bsonType: 'object',
                required: ['label', 'score'],
                properties: { label, score, confidence: share },
              },
              emotions: {
                bsonType: 'object',
                properties: { joy: share, sadness: share, anger: share, fear: share, surprise: share, disgust: share },
              },
              topics: { bsonType: 'array', maxItems: 50, items: { bsonType: 'string', minLength: 1, maxLength: 100 } },
              aspects: {
                bsonType: 'array',
                maxItems: 50,
                items: {
                  bsonType: 'object',
                  required: ['name', 'label', 'score'],
                  properties: { name: { bsonType: 'string', minLength: 1, maxLength: 100 }, label, score },
                },
              },
              summary: { bsonType: 'string', maxLength: 2000 },
              model: { bsonType: 'string', minLength: 1, maxLength: 100 },
              analyzed_at: date,
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
    'scrape_jobs',
    {
      $jsonSchema: {
        bsonType: 'object',
        required: ['project_id', 'user_id', 'status', 'created_at'],
        properties: {
          _id: objectId,
          project_id: objectId,
          user_id: objectId,
          target_ids: { bsonType: 'array', maxItems: 10000, items: objectId },
          status: { bsonType: 'string', enum: ['queued', 'running', 'completed', 'failed', 'cancelled'] },
          trigger: { bsonType: 'string', enum: ['manual', 'schedule', 'api'] },
          progress: {
            bsonType: 'object',
            required: ['total', 'done'],
            properties: { total: count, done: count, failed: count },
          },
          results_count: count,
          error: {
            bsonType: 'object',
            required: ['message'],
            properties: {
              code: { bsonType: 'string', minLength: 1, maxLength: 100 },
              message: { bsonType: 'string', maxLength: 2000 },
            },
          },
          started_at: date,
          finished_at: date,
          created_at: date,
          updated_at: date,
        },
      },
    },
    strict,
  ),
);
