import { addValidator, migration } from '../src/migration';

const objectId = { bsonType: 'objectId' };
const date = { bsonType: 'date' };
const whole = { bsonType: 'number', multipleOf: 1, not: { bsonType: 'decimal' } };
const event = {
  bsonType: 'string',
  enum: ['job.completed', 'job.failed', 'result.created', 'sentiment.dropped', 'target.failed'],
};
const strict = { validationLevel: 'strict', validationAction: 'error' } as const;

/**
 * Where people want to be told, and each attempt to tell them. In patterns, `(?!\n)$` is the very end: the server's
 * `$` alone also matches before a last line break.
 */
export default migration(
  __filename,
  addValidator(
    'webhooks',
    {
      $jsonSchema: {
        bsonType: 'object',
        required: ['user_id', 'url', 'events', 'enabled', 'secret', 'created_at'],
        properties: {
          _id: objectId,
          user_id: objectId,
          project_id: { bsonType: 'objectId', description: "Absent when it hears of all the user's projects" },
          name: { bsonType: 'string', minLength: 1, maxLength: 200 },
          url: { bsonType: 'string', maxLength: 2048, pattern: '^https?://[^ \\t\\r\\n]+(?!\\n)$' },
          events: { bsonType: 'array', items: event, minItems: 1, maxItems: 5, uniqueItems: true },
          enabled: { bsonType: 'bool' },
          secret: { bsonType: 'string', minLength: 16, maxLength: 256, description: 'Signs what is sent' },
          failures_in_a_row: { ...whole, minimum: 0, maximum: 1000 },
          last_triggered_at: date,
          created_at: date,
          updated_at: date,
        },
      },
    },
    strict,
  ),
  addValidator(
    'webhook_deliveries',
    {
      $jsonSchema: {
        bsonType: 'object',
        required: ['webhook_id', 'user_id', 'event', 'status', 'attempts', 'created_at'],
        properties: {
          _id: objectId,
          webhook_id: objectId,
          user_id: objectId,
          event,
          status: { bsonType: 'string', enum: ['pending', 'retrying', 'delivered', 'failed'] },
          attempts: { ...whole, minimum: 0, maximum: 100 },
          payload: { bsonType: 'object' },
          response_code: { ...whole, minimum: 100, maximum: 599 },
          response_body: { bsonType: 'string', maxLength: 10000 },
          duration_ms: { ...whole, minimum: 0, maximum: 600000 },
          error: { bsonType: 'string', maxLength: 2000 },
          next_attempt_at: date,
          delivered_at: date,
          created_at: date,
        },
      },
    },
    strict,
  ),
);
