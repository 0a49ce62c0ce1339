import { beforeEach, describe, expect, it } from 'vitest';
import { readSchema } from '../../src/database';
import { judgePending, lookBefore } from '../../src/execute';
import {
  changeTextIndex,
  createCollections,
  createIndexes,
  dropIndexes,
  hideIndex,
  type Step,
} from '../../src/migration';
import { canonicalJson, Draft } from '../../src/schema';
import { useDatabase } from '../support/database';
import { runSteps } from '../support/run-steps';

const database = useDatabase();
const posts = () => database.db.collection('posts');
const live = async () => canonicalJson((await readSchema(database.db)).schema);

const reason = 'search is switched off for the release';
const old = { name: 'bio_text', key: { bio: 'text' }, language_override: 'other', serves: 'search' } as const;
const heavy = { ...old, weights: { bio: 3 }, default_language: 'german' } as const;
const both = { ...old, name: 'bio_text_title_text', key: { bio: 'text', title: 'text' } } as const;
const heavier = changeTextIndex('posts', { reason, from: old, to: heavy });

beforeEach(async () => {
  await database.db.dropDatabase();
  await runSteps(database.db, [createCollections('posts'), createIndexes('posts', [old])]);
  await posts().insertOne({ bio: 'a word', title: 'another' });
});

describe('changeTextIndex', () => {
  it('changes weights and language, and going down changes them back', async () => {
    const before = await live();
    expect(await runSteps(database.db, [heavier])).toEqual(['done']);
    expect((await readSchema(database.db)).schema['posts']?.indexes).toEqual({
      bio_text: { key: { bio: 'text' }, language_override: 'other', weights: { bio: 3 }, default_language: 'german' },
    });
    expect(await runSteps(database.db, [heavier])).toEqual(['already']);
    expect(await runSteps(database.db, [heavier], 'down')).toEqual(['done']);
    expect(await live()).toBe(before);
  });

  it('changes the fields, and so the name', async () => {
    const before = await live();
    const wider = changeTextIndex('posts', { reason, from: old, to: both });
    expect(await runSteps(database.db, [wider])).toEqual(['done', 'done']);
    expect(
      await posts()
        .find({ $text: { $search: 'another' } })
        .toArray(),
    ).toHaveLength(1);
    expect(await runSteps(database.db, [wider], 'down')).toEqual(['done', 'done']);
    expect(await live()).toBe(before);
  });

  it('builds the new one when a run was killed after the drop of the old one', async () => {
    let writes = 0;
    const guard = () => (++writes > 1 ? Promise.reject(new Error('killed')) : Promise.resolve());
    await expect(runSteps(database.db, [heavier], 'up', { guard })).rejects.toThrow('killed');
    expect((await readSchema(database.db)).schema['posts']?.indexes).toEqual({});
    const changes = [...heavier.changes, ...changeTextIndex('posts', { reason, from: heavy, to: old }).changes];
    const verdicts = judgePending(await readSchema(database.db), [{ name: 'both', changes }], 'up');
    expect([...verdicts.values()]).toEqual(['pending', 'pending']);
    expect(await runSteps(database.db, [heavier])).toEqual(['done']);
    expect(await runSteps(database.db, [heavier])).toEqual(['already']);
  });

  it('is refused before the drop when a document cannot be in the new one', async () => {
    await posts().insertOne({ bio: 'nuqneH', language: 'klingon' });
    const before = await live();
    const { language_override: _other, ...to } = heavy;
    await expect(runSteps(database.db, [changeTextIndex('posts', { reason, from: old, to })])).rejects.toMatchObject({
      code: 'PREFLIGHT',
      why: [expect.stringContaining('posts: 1 document cannot be indexed')],
    });
    expect(await live()).toBe(before);
  });

  it('is refused when the text index is another one by now', async () => {
    await posts().dropIndex('bio_text');
    await posts().createIndex({ title: 'text' });
    const before = await live();
    await expect(runSteps(database.db, [heavier])).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(await live()).toBe(before);
  });

  it('makes no collection where there is none', async () => {
    await posts().drop();
    await expect(runSteps(database.db, [heavier])).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(await live()).toBe('{}\n');
  });

  it('wants a reason, and text indexes', () => {
    expect(() => changeTextIndex('posts', { reason: ' ', from: old, to: heavy })).toThrow(
      "changeTextIndex('posts') has no reason",
    );
    const plain = { name: 'a_1', key: { a: 1 }, serves: 'a test' } as const;
    expect(() => changeTextIndex('posts', { reason, from: plain, to: heavy })).toThrow('that is not a text index');
  });
});

it.each<[string, Step, string]>([
  ['changes it', heavier, 'every $text query on the collection fails until it is rebuilt'],
  ['drops it', dropIndexes('posts', [old]), 'every $text query on the collection fails from then on'],
  ['hides it', hideIndex('posts', 'bio_text'), 'every $text query on the collection fails from then on'],
])('A look before a step that %s tells that search stops', async (_title, { changes: [change] }, message) => {
  const draft = new Draft((await readSchema(database.db)).schema);
  const findings = change ? await lookBefore(database.db, change, { draft, removed: [] }) : [];
  expect(findings).toContainEqual(expect.objectContaining({ kind: 'queries that fail', blocks: false, message }));
});
