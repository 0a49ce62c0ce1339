import type { Db, Document } from 'mongodb';
import { beforeAll, describe, expect, test } from 'vitest';
import { foldMigrations } from '../../src/migration';
import { isOwnCollection, summarize } from '../../src/schema';
import { useDatabase } from '../support/database';
import { deployProduct } from '../support/product';
import { sample } from '../support/samples';
import { lastPlanned, plannedMigrations } from './planned';

/** The indexes that the product was planned with. Later migrations may add some, or say otherwise. */
const planned: Readonly<Record<string, readonly string[]>> = {
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

async function collectionsOf(db: Db): Promise<string[]> {
  const collections = await db.listCollections({}, { nameOnly: true }).toArray();
  return collections.map(({ name }) => name).filter((name) => !isOwnCollection(name));
}

async function indexesOf(db: Db, name: string): Promise<Document[]> {
  const all = (await db.collection(name).listIndexes().toArray()) as Document[];
  return all.filter((index) => index['name'] !== '_id_');
}

const database = useDatabase();

describe('the indexes that were planned', () => {
  beforeAll(() => deployProduct(database, { to: lastPlanned() }));

  test('are 45, of 12 collections, 3 of them to expire documents', async () => {
    const { collections, indexes, ttls } = summarize(foldMigrations(plannedMigrations()));
    expect({ collections, indexes, ttls }).toEqual({ collections: 12, indexes: 45, ttls: 3 });
    expect((await collectionsOf(database.db)).sort()).toEqual(Object.keys(planned).sort());
  });

  test.each(Object.entries(planned))('exist to the letter, and no other: %s', async (name, expected) => {
    expect((await indexesOf(database.db, name)).map(inWords).sort()).toEqual(expected.toSorted());
  });

  test.each([
    ['webhook_deliveries', 'created_at', 7 * 24 * 60 * 60],
    ['audit_logs', 'created_at', 365 * 24 * 60 * 60],
    ['refresh_tokens', 'expires_at', 0],
  ] as const)('let documents of %s expire by %s after %i seconds', async (name, field, seconds) => {
    const all = await indexesOf(database.db, name);
    const expiring = all.filter(({ expireAfterSeconds }) => expireAfterSeconds !== undefined);
    expect(expiring).toMatchObject([{ key: { [field]: 1 }, expireAfterSeconds: seconds }]);
  });
});

describe('every index, as all migrations leave them,', () => {
  beforeAll(() => deployProduct(database));

  test('has the name that MongoDB would give it', async () => {
    const collections = await collectionsOf(database.db);
    expect(collections.length).toBeGreaterThan(0);
    for (const collection of collections) {
      for (const { name, key, weights } of await indexesOf(database.db, collection)) {
        const fields = weights
          ? Object.keys(weights as object).map((field) => [field, 'text'])
          : Object.entries(key as object);
        expect(`${collection}.${String(name)}`).toBe(`${collection}.${fields.flat().join('_')}`);
      }
    }
  });
});

describe('the text search', () => {
  beforeAll(() => deployProduct(database));

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
