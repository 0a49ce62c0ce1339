import { it } from 'vitest';
import { useDatabase } from '../support/database';
import { expectServerToFollow } from './random-histories';

const database = useDatabase();

it('Whatever 60 histories are made of, each migration leads where it leads the fold, and back', async () => {
  await expectServerToFollow(database, 60);
});
