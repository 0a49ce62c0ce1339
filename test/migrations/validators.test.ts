import { Decimal128, ObjectId } from 'mongodb';
import { beforeAll, describe, expect, test } from 'vitest';
import { models, type CollectionName } from '../../models';
import { deployProduct } from '../support/product';
import { useDatabase } from '../support/database';
import { refusal } from '../support/refusals';
import { sample } from '../support/samples';

const names = Object.keys(models) as CollectionName[];
const { presets, projects, results } = {
  presets: sample('presets'),
  projects: sample('projects'),
  results: sample('results'),
};

/** Changes of a valid document, and the rule that the server names when it refuses what comes out. */
const refused: readonly [CollectionName, string, Record<string, unknown>, string][] = [
  ['users', 'an email that is none', { email: 'nobody' }, 'email: pattern'],
  ['users', 'an email with a line break after it', { email: 'a@example.com\n' }, 'email: pattern'],
  ['users', 'an email of over 254 characters', { email: `${'a'.repeat(250)}@b.cd` }, 'email: maxLength'],
  ['users', 'a number for the password hash', { password_hash: 1 }, 'password_hash: bsonType'],
  ['users', 'a date written as text', { created_at: '2026-11-23' }, 'created_at: bsonType'],
  ['users', 'a role that does not exist', { role: 'owner' }, 'role: enum'],
  ['users', 'null for a Google id', { oauth: { google_id: null } }, 'oauth.google_id: bsonType'],
  ['users', 'null for a GitHub id', { oauth: { github_id: null } }, 'oauth.github_id: bsonType'],
  ['users', 'an _id that is no ObjectId', { _id: 'one' }, '_id: bsonType'],
  ['projects', 'a status that does not exist', { status: 'gone' }, 'status: enum'],
  ['projects', 'an empty name', { name: '' }, 'name: minLength'],
  ['projects', 'a source given twice', { config: { sources: ['yelp', 'yelp'] } }, 'config.sources: uniqueItems'],
  ['projects', 'no source', { config: { sources: [] } }, 'config.sources: minItems'],
  ['projects', 'settings without sources', { config: {} }, 'config: required sources'],
  [
    'projects',
    'a temperature above 2',
    { config: { ...projects.config, llm: { tier: 'local', temperature: 2.1 } } },
    'config.llm.temperature: maximum',
  ],
  [
    'projects',
    'a next run that is no date',
    { config: { ...projects.config, schedule: { enabled: true, frequency: 'daily', next_run_at: null } } },
    'config.schedule.next_run_at: bsonType',
  ],
  ['targets', 'an address that is no web page', { url: 'ftp://example.com/1' }, 'url: pattern'],
  ['targets', 'a platform that does not exist', { platform: 'geocities' }, 'platform: enum'],
  ['targets', 'a project id written as text', { project_id: new ObjectId().toHexString() }, 'project_id: bsonType'],
  ['results', 'a text without characters', { content: { text: '' } }, 'content.text: minLength'],
  ['results', 'six stars of five', { content: { ...results.content, rating: 6 } }, 'content.rating: maximum'],
  ['results', 'half a like', { content: { ...results.content, likes: 0.5 } }, 'content.likes: multipleOf'],
  [
    'results',
    'a sentiment that does not exist',
    { analysis: { sentiment: { label: 'angry', score: 0 } } },
    'analysis.sentiment.label: enum',
  ],
  [
    'results',
    'a score below -1',
    { analysis: { sentiment: { label: 'negative', score: -1.5 } } },
    'analysis.sentiment.score: minimum',
  ],
  ['results', 'an analysis without sentiment', { analysis: { topics: [] } }, 'analysis: required sentiment'],
  ['scrape_jobs', 'a status that does not exist', { status: 'lost' }, 'status: enum'],
  ['scrape_jobs', 'a target that is no ObjectId', { target_ids: [new ObjectId(), 1] }, 'target_ids.1: bsonType'],
  ['scrape_jobs', 'fewer than no results', { results_count: -1 }, 'results_count: minimum'],
  ['schedules', 'neither on nor off', { enabled: 'yes' }, 'enabled: bsonType'],
  ['schedules', 'a next run that is null', { next_run: null }, 'next_run: bsonType'],
  ['schedules', 'a cron line of four fields', { cron: '0 6 * *' }, 'cron: pattern'],
  ['api_keys', 'a provider that does not exist', { provider: 'acme' }, 'provider: enum'],
  ['api_keys', 'a key without characters', { encrypted_key: '' }, 'encrypted_key: minLength'],
  ['webhooks', 'an event that does not exist', { events: ['job.completed', 'moon.full'] }, 'events.1: enum'],
  ['webhooks', 'a secret that is too short', { secret: 'short' }, 'secret: minLength'],
  ['webhook_deliveries', 'no date to expire by', { created_at: 1_700_000_000 }, 'created_at: bsonType'],
  ['webhook_deliveries', 'a response code of 99', { response_code: 99 }, 'response_code: minimum'],
  ['webhook_deliveries', 'an attempt and a half', { attempts: 1.5 }, 'attempts: multipleOf'],
  ['audit_logs', 'no date to expire by', { created_at: null }, 'created_at: bsonType'],
  ['audit_logs', 'a kind of event in capitals', { event_type: 'LOGIN' }, 'event_type: pattern'],
  ['refresh_tokens', 'no date to expire by', { expires_at: '2026-11-23T00:00:00Z' }, 'expires_at: bsonType'],
  ['refresh_tokens', 'a token that can be guessed', { token: 'abc' }, 'token: minLength'],
  ['presets', 'a price class that does not exist', { price_class: 'gold' }, 'price_class: enum'],
  [
    'presets',
    'more requests than any site bears',
    { pace: { ...presets.pace, requests_per_minute: 601 } },
    'pace.requests_per_minute: maximum',
  ],
  [
    'presets',
    'a decimal',
    { pace: { requests_per_minute: Decimal128.fromString('1'), concurrency: 1 } },
    'pace.requests_per_minute: not',
  ],
];

/** What a document must have: that is all there is in a sample. */
const requiredOf = (name: CollectionName) => Object.keys(sample(name)).sort();

describe('a validator', () => {
  const database = useDatabase();
  beforeAll(() => deployProduct(database));

  const insert = (name: CollectionName, document: object) =>
    refusal(database.db.collection(name).insertOne({ ...document }));

  test.each(names)('accepts a document with nothing but what is required: %s', async (name) => {
    expect(await insert(name, sample(name))).toEqual([]);
  });

  test.each(names)('accepts fields that nobody has named yet: %s', async (name) => {
    expect(await insert(name, { ...sample(name), plan: { seats: 3 } })).toEqual([]);
  });

  test.each(names)('names everything that is missing from an empty document: %s', async (name) => {
    expect(await insert(name, {})).toEqual([`required ${requiredOf(name).join(' ')}`]);
  });

  test.each(names)('names the one field that is missing: %s', async (name) => {
    for (const field of requiredOf(name)) {
      const fields = Object.entries(sample(name)).filter(([other]) => other !== field);
      expect(await insert(name, Object.fromEntries(fields))).toEqual([`required ${field}`]);
    }
  });

  test.each(refused)('%s refuses %s', async (name, _what, change, reason) => {
    expect(await insert(name, { ...sample(name), ...change })).toEqual([reason]);
  });

  test('takes whole numbers that Node writes as doubles', async () => {
    expect(await insert('scrape_jobs', { ...sample('scrape_jobs'), results_count: 3e9 })).toEqual([]);
  });

  test('takes null for whose it is where the system itself may be meant, and nowhere else', async () => {
    for (const name of names) {
      if (!requiredOf(name).includes('user_id')) continue;
      const expected = name === 'audit_logs' || name === 'presets' ? [] : ['user_id: bsonType'];
      expect(await insert(name, { ...sample(name), user_id: null })).toEqual(expected);
    }
  });

  test('also stands in the way of an update', async () => {
    const users = database.db.collection('users');
    const { insertedId } = await users.insertOne(sample('users'));
    expect(await refusal(users.updateOne({ _id: insertedId }, { $set: { role: 'owner' } }))).toEqual(['role: enum']);
  });
});
