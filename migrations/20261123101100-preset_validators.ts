import { addValidator, migration } from '../src/migration';

const objectId = { bsonType: 'objectId' };
const date = { bsonType: 'date' };
const bool = { bsonType: 'bool' };
const number = { bsonType: 'number', not: { bsonType: 'decimal' } };
const whole = { ...number, multipleOf: 1 };

/** A preset is a full set of the settings that a project starts from, the system's (no user) or a person's own. */
export default migration(
  __filename,
  addValidator(
    'presets',
    {
      $jsonSchema: {
        bsonType: 'object',
        required: ['user_id', 'name', 'sources', 'pace', 'llm', 'analyses', 'limits', 'created_at'],
        properties: {
          _id: objectId,
          user_id: { bsonType: ['objectId', 'null'], description: "Null for the system's own presets" },
          name: { bsonType: 'string', minLength: 1, maxLength: 100 },
          description: { bsonType: 'string', maxLength: 2000 },
          price_class: { bsonType: 'string', enum: ['free', 'low', 'medium', 'high', 'custom'] },
          sources: {
            bsonType: 'array',
            minItems: 1,
            maxItems: 12,
            uniqueItems: true,
            items: {
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
          created_at: date,
          updated_at: date,
        },
      },
    },
    { validationLevel: 'strict', validationAction: 'error' },
  ),
);
