import { addValidator, migration } from '../src/migration';

const objectId = { bsonType: 'objectId' };
const date = { bsonType: 'date' };
const bool = { bsonType: 'bool' };
const whole = { bsonType: 'number', multipleOf: 1, not: { bsonType: 'decimal' } };
const strict = { validationLevel: 'strict', validationAction: 'error' } as const;

/**
 * Who may be stored as an account, and what hangs on one. An OAuth id is absent or a string, never null: a sparse
 * unique index still holds nulls, so a second null would be refused as a duplicate. In patterns, `(?!\n)$` is the very
 * end: the server's `$` alone also matches before a last line break.
 */
export default migration(
  __filename,
  addValidator(
    'users',
    {
      $jsonSchema: {
        bsonType: 'object',
        required: ['email', 'password_hash', 'created_at'],
        properties: {
          _id: objectId,
          email: { bsonType: 'string', maxLength: 254, pattern: '^[^@ \\t\\r\\n]+@[^@ \\t\\r\\n]+(?!\\n)$' },
          password_hash: { bsonType: 'string', minLength: 1, maxLength: 255 },
          name: { bsonType: 'string', minLength: 1, maxLength: 200 },
          role: { bsonType: 'string', enum: ['user', 'admin'] },
          is_active: bool,
          email_verified: bool,
          oauth: {
            bsonType: 'object',
            properties: {
              google_id: { bsonType: 'string', minLength: 1, maxLength: 255 },
              github_id: { bsonType: 'string', minLength: 1, maxLength: 255 },
            },
          },
          created_at: date,
          updated_at: date,
          last_login_at: date,
        },
      },
    },
    strict,
  ),
  addValidator(
    'api_keys',
    {
      $jsonSchema: {
        bsonType: 'object',
        required: ['user_id', 'provider', 'encrypted_key', 'created_at'],
        properties: {
          _id: objectId,
          user_id: objectId,
          provider: {
            bsonType: 'string',
            enum: [
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
            ],
          },
          label: { bsonType: 'string', minLength: 1, maxLength: 100 },
          encrypted_key: { bsonType: 'string', minLength: 1, maxLength: 4096 },
          key_hint: { bsonType: 'string', minLength: 1, maxLength: 8, description: 'The last characters, for people' },
          is_active: bool,
          usage_count: { ...whole, minimum: 0, maximum: 9007199254740991 },
          last_used_at: date,
          created_at: date,
          updated_at: date,
        },
      },
    },
    strict,
  ),
  addValidator(
    'refresh_tokens',
    {
      $jsonSchema: {
        bsonType: 'object',
        required: ['user_id', 'token', 'expires_at', 'created_at'],
        properties: {
          _id: objectId,
          user_id: objectId,
          token: { bsonType: 'string', minLength: 16, maxLength: 1024 },
          expires_at: date,
          created_at: date,
          revoked_at: date,
          ip_address: { bsonType: 'string', maxLength: 45, pattern: '^[0-9A-Fa-f:.]+(?!\\n)$' },
          user_agent: { bsonType: 'string', maxLength: 512 },
        },
      },
    },
    strict,
  ),
  addValidator(
    'audit_logs',
    {
      $jsonSchema: {
        bsonType: 'object',
        required: ['user_id', 'event_type', 'created_at'],
        properties: {
          _id: objectId,
          user_id: { bsonType: ['objectId', 'null'], description: 'Null when nobody was signed in' },
          event_type: {
            bsonType: 'string',
            maxLength: 100,
            pattern: '^[a-z][a-z0-9_]*([.][a-z][a-z0-9_]*)*(?!\\n)$',
            description: 'Such as auth.login_failed',
          },
          outcome: { bsonType: 'string', enum: ['success', 'failure'] },
          project_id: objectId,
          details: { bsonType: 'object' },
          ip_address: { bsonType: 'string', maxLength: 45, pattern: '^[0-9A-Fa-f:.]+(?!\\n)$' },
          user_agent: { bsonType: 'string', maxLength: 512 },
          created_at: date,
        },
      },
    },
    strict,
  ),
);
