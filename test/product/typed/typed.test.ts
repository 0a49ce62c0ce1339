import { beforeAll, describe, expect, it } from 'vitest';
import { collections, type Collections } from '../../../src';
import { useDatabase } from '../../support/database';
import { deployProduct } from '../../support/product';
import { filters, writes } from './valid';

const database = useDatabase();
beforeAll(() => deployProduct(database));

type Uses = Readonly<Record<string, (of: Collections) => Promise<unknown>>>;

// That they compile, and that those of ./mistakes.ts do not, `npm run check` says.
describe('What the types of the collections let through, the server takes', () => {
  it.each(Object.entries(filters as Uses))('in a filter: %s', async (_, find) => {
    await expect(find(collections(database.db))).resolves.toBeDefined();
  });

  it.each(Object.entries(writes as Uses))('in a write: %s', async (_, write) => {
    await expect(write(collections(database.db))).resolves.toBeDefined();
  });
});
