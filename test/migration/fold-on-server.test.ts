import { it } from 'vitest';
import { useDatabase } from '../support/database';
import { expectServerToFollow } from './random-histories';

const database = useDatabase();

it('Whatever valid migrations are made of, each leads the server where it leads the fold, and back', async () => {
  await expectServerToFollow(database, 2);
});
