import { beforeEach, expect, it } from 'vitest';
import { renameField } from '../../../src/migration';
import { useDatabase } from '../../support/database';
import { runSteps } from '../../support/run-steps';

const database = useDatabase();
const results = () => database.db.collection<{ _id: number; lang?: string; language_code?: string }>('results');
const all = () => results().find().sort({ _id: 1 }).toArray();

// The step of docs/safe-changes.md.
const renamed = renameField('results', 'lang', 'language_code', { onConflict: 'keep from' });

/** What an application of each release reads of a document, and how it writes one. */
const releases = {
  before: { write: (value: string) => ({ $set: { lang: value } }) },
  both: { write: (value: string) => ({ $set: { lang: value, language_code: value } }) },
  renamed: { write: (value: string) => ({ $set: { language_code: value }, $unset: { lang: '' as const } }) },
};
const write = (_id: number, release: keyof typeof releases, value: string) =>
  results().updateOne({ _id }, releases[release].write(value), { upsert: true });

beforeEach(() => database.db.dropDatabase());

it('A field is renamed in three releases, and what any of them wrote last stays', async () => {
  await write(1, 'before', 'en');
  await write(2, 'both', 'ja');
  await write(3, 'both', 'de');
  await write(3, 'before', 'de-AT');
  await write(4, 'both', 'fr');
  await write(4, 'renamed', 'fr-CA');
  await results().insertOne({ _id: 5 });
  await expect(runSteps(database.db, [renamed])).rejects.toMatchObject({ code: 'DATA_LOSS' });
  await runSteps(database.db, [renamed], 'up', { allowDataLoss: true });
  const values = ['en', 'ja', 'de-AT', 'fr-CA'];
  expect(await all()).toEqual([...values.map((language_code, at) => ({ _id: at + 1, language_code })), { _id: 5 }]);
  await runSteps(database.db, [renamed], 'down');
  expect(await all()).toEqual([...values.map((lang, at) => ({ _id: at + 1, lang })), { _id: 5 }]);
});
