import { it } from 'vitest';
import { useDatabase } from '../../support/database';
import { expectSameVerdicts } from './differential';

const database = useDatabase();

it('What the verbs take at load, the server takes and stores as written; what it refuses, they refuse', async () => {
  await expectSameVerdicts(database.db, 12);
});
