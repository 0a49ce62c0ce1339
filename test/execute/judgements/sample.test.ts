import { expect, it } from 'vitest';
import { useDatabase } from '../../support/database';
import { seed } from '../../support/seed';
import { compareIndexes } from './indexes';
import { compareValidators } from './validators';

const database = useDatabase();

it('The preflight says what the server does, for some drawn documents, indexes and validators', async () => {
  expect((await compareIndexes(database, 40, seed)).wrong).toEqual([]);
  expect((await compareValidators(database, 40, seed)).wrong).toEqual([]);
});
