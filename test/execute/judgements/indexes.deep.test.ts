import { expect, it } from 'vitest';
import { useDatabase } from '../../support/database';
import { seed } from '../../support/seed';
import { compareIndexes } from './indexes';

const database = useDatabase();

it('The preflight of an index says what the server does, for drawn documents and definitions', async () => {
  const { wrong, ...counts } = await compareIndexes(database, 2_000, seed);
  console.log(
    `${counts.built} built, ${counts.duplicates} refused for duplicates, ${counts.unindexable} for what cannot be indexed, ${counts.notDetermined} not determined`,
  );
  expect(wrong).toEqual([]);
  expect(counts.notDetermined).toBeLessThan(100);
});
