import type { Document } from 'mongodb';
import { beforeAll, describe, expect, test } from 'vitest';
import { models, type CollectionName } from '../../src/models';
import { applyAll } from '../support/apply-all';
import { useDatabase } from '../support/database';
import { sample } from '../support/samples';

const names = Object.keys(models) as CollectionName[];

/** The indexes that the product was planned with. More may come; these stay until a migration says otherwise. */
const planned: Readonly<Record<CollectionName, readonly string[]>> = {
  users: ['email unique', 'created_at', 'oauth.google_id unique sparse', 'oauth.github_id unique sparse'],
  projects: ['user_id', 'user_id, status', 'created_at', 'config.schedule.next_run_at'],
  targets: ['project_id', 'project_id, status', 'user_id', 'url', 'project_id, platform'],
  results: [
    'project_id, created_at',
    'target_id, created_at',
    'user_id',
    'scrape_job_id',
    'analysis.sentiment.label',
    'content.date',
    'platform',
    'content.text ×5, content.title ×10 english',
  ],
  scrape_jobs: ['project_id, created_at', 'status', 'user_id', 'created_at'],
  schedules: ['project_id unique', 'user_id', 'enabled, next_run'],
  api_keys: ['user_id', 'user_id, provider'],
  webhooks: ['user_id', 'enabled, events'],
  webhook_deliveries: ['webhook_id, created_at', 'user_id', 'status', 'created_at expires after 604800 s'],
  audit_logs: ['user_id, created_at', 'event_type', 'created_at expires after 31536000 s'],
  refresh_tokens: ['user_id', 'token unique', 'expires_at expires after 0 s'],
  presets: ['user_id', 'user_id, name unique', 'created_at'],
};

function inWords({ key, weights, unique, sparse, expireAfterSeconds, default_language }: Document): string {
  const fields = weights
    ? Object.entries(weights as Record<string, number>).map(([field, weight]) => `${field} ×${weight}`)
    : Object.keys(key as object);
  const options = [
    ...(unique ? ['unique'] : []),
    ...(sparse ? ['sparse'] : []),
    ...(expireAfterSeconds === undefined ? [] : [`expires after ${String(expireAfterSeconds)} s`]),
    ...(weights ? [default_language as string] : []),
  ];
  return [fields.join(', '), ...options].join(' ');
}

describe('the indexes', () => {
  const database = useDatabase();
  beforeAll(() => applyAll(database));

  const indexesOf = async (name: CollectionName) => {
    const all = (await database.db.collection(name).listIndexes().toArray()) as Document[];
    return all.filter((index) => index['name'] !== '_id_');
  };

  test('45 were planned, 3 of them to expire documents', () => {
    const all = Object.values(planned).flat();
    expect(all).toHaveLength(45);
    expect(all.filter((index) => index.includes('expires after'))).toHaveLength(3);
  });

  test.each(names)('those that were planned exist, to the letter: %s', async (name) => {
    expect((await indexesOf(name)).map(inWords)).toEqual(expect.arrayContaining([...planned[name]]));
  });

  test.each(names)('each has the name that MongoDB would give it: %s', async (name) => {
    for (const { name: indexName, key, weights } of await indexesOf(name)) {
      const fields = weights
        ? Object.keys(weights as object).map((field) => [field, 'text'])
        : Object.entries(key as object);
      expect(indexName).toBe(fields.flat().join('_'));
    }
  });

  test.each([
    ['webhook_deliveries', 'created_at', 7 * 24 * 60 * 60],
    ['audit_logs', 'created_at', 365 * 24 * 60 * 60],
    ['refresh_tokens', 'expires_at', 0],
  ] as const)('documents of %s expire by %s after %i seconds', async (name, field, seconds) => {
    const expiring = (await indexesOf(name)).filter(({ expireAfterSeconds }) => expireAfterSeconds !== undefined);
    expect(expiring).toMatchObject([{ key: { [field]: 1 }, expireAfterSeconds: seconds }]);
  });
});

describe('the text search', () => {
  const database = useDatabase();
  beforeAll(() => applyAll(database));

  const add = (content: { title: string; text: string }) =>
    database.db.collection('results').insertOne({ ...sample('results'), content });

  const search = async (words: string) => {
    const score = { $meta: 'textScore' } as const;
    const found = database.db
      .collection('results')
      .find({ $text: { $search: words } }, { projection: { content: 1, score } });
    return (await found.sort({ score }).toArray()).map(({ content }) => (content as { title: string }).title);
  };

  test('ranks a hit in the title before one in the text', async () => {
    await add({ title: 'Three weeks later', text: 'The battery lasts for days.' });
    await add({ title: 'About the battery', text: 'It lasts for days, three weeks later.' });
    await add({ title: 'Nothing of the kind', text: 'A strap that fits.' });
    expect(await search('battery')).toEqual(['About the battery', 'Three weeks later']);
  });

  test('knows English: a word is found in its other forms, and little words are not searched', async () => {
    await add({ title: 'Refunds', text: 'They refunded me at once.' });
    expect(await search('refunding')).toEqual(['Refunds']);
    expect(await search('the of and')).toEqual([]);
  });

  test('takes a text in any language that it has no stemmer for', async () => {
    const document = sample('results');
    await database.db
      .collection('results')
      .insertOne({ ...document, content: { ...document.content, title: 'とても良い', language_code: 'ja' } });
    expect(await search('とても良い')).toEqual(['とても良い']);
  });
});
