import { beforeEach, expect, it } from 'vitest';
import { backfill, dropField } from '../../../src/migration';
import { useDatabase } from '../../support/database';
import { runSteps } from '../../support/run-steps';

const database = useDatabase();
const results = () => database.db.collection<{ _id: number; lang?: string; language_code?: string }>('results');

// The steps of docs/safe-changes.md.
const both = backfill('results', {
  filter: { lang: { $exists: true }, language_code: { $exists: false } },
  update: [{ $set: { language_code: '$lang' } }],
  undo: { filter: { language_code: { $exists: true } }, update: { $unset: { language_code: '' } } },
});
const gone = dropField('results', 'lang', { reason: 'read as language_code since 3.2' });

beforeEach(async () => {
  await database.db.dropDatabase();
  await results().insertMany([
    { _id: 1, lang: 'en' },
    { _id: 2, lang: 'ja' },
    { _id: 3, lang: 'de', language_code: 'de-AT' },
    { _id: 4 },
  ]);
});

it('A field is renamed in three releases, and what the application wrote meanwhile stays', async () => {
  await runSteps(database.db, [both]);
  await results().updateOne({ _id: 2 }, { $set: { lang: 'ko', language_code: 'ko' } });
  await runSteps(database.db, [gone]);
  expect(await results().find().sort({ _id: 1 }).toArray()).toEqual([
    { _id: 1, language_code: 'en' },
    { _id: 2, language_code: 'ko' },
    { _id: 3, language_code: 'de-AT' },
    { _id: 4 },
  ]);
});

it('The first of the three releases can be rolled back', async () => {
  await runSteps(database.db, [both]);
  await runSteps(database.db, [both], 'down');
  expect(await results().countDocuments({ language_code: { $exists: true } })).toBe(0);
  expect(await results().countDocuments({ lang: { $exists: true } })).toBe(3);
});
