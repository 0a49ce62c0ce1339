import { expect, it } from 'vitest';
import { useDatabase } from '../../support/database';
import { seed } from '../../support/seed';
import { compareValidators } from './validators';

const database = useDatabase();

it('The preflight of a validator says what the server does, for drawn documents and validators', async () => {
  const { wrong, ...counts } = await compareValidators(database, 4_000, seed);
  console.log(
    `${counts.accepted} documents accepted, ${counts.refused} refused; ${counts.failed} validators fail for a document`,
  );
  expect(wrong).toEqual([]);
  expect(counts.failed).toBeGreaterThan(20);
});
