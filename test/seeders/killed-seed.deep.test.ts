import { beforeAll, it } from 'vitest';
import { useDatabase } from '../support/database';
import { deployProduct } from '../support/product';
import { completeKilledSeed } from './killed-seed';

const database = useDatabase();
beforeAll(() => deployProduct(database));

it.each(['users', 'targets', 'webhook_deliveries', 'results'] as const)(
  'A seed that was killed when it had begun with %s is completed by another run',
  (name) => completeKilledSeed(database, name, { users: 5, projects: 4, results: 600 }),
);
