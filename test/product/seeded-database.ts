import { beforeAll } from 'vitest';
import { fill } from '../../seeders/run/fill';
import { startOfDay } from '../../seeders/world';
import { useDatabase, type TestDatabase } from '../support/database';
import { deployProduct } from '../support/product';

/** Call it in a file: a database with the whole schema of the product, and a little test data. */
export function useSeededDatabase(): TestDatabase {
  const database = useDatabase();
  beforeAll(async () => {
    await deployProduct(database);
    const size = { users: 3, projects: 2, results: 200 };
    await fill(database.db, { seed: 1, size, now: startOfDay(new Date()), passwordHash: 'a hash' }, {});
  });
  return database;
}
