import { expect, it } from 'vitest';
import { useDatabase } from '../../support/database';
import { seed } from '../../support/seed';
import { compareTightenings } from './tightening-drawn';

const database = useDatabase();

it('Every validator of which the server refuses what it accepted before is called tighter', async () => {
  const { missed, ...counts } = await compareTightenings(database, 1_500, seed);
  console.log(
    `${counts.tightened} tighter, ${counts.notTightened} not, ${counts.withoutWitness} called tighter without a document that shows it, of which ${counts.looser.length} let more in`,
  );
  expect(missed).toEqual([]);
  expect(counts.tightened).toBeGreaterThan(150);
  // Conditions of queries are compared as a whole, and so are negations.
  expect(counts.looser.length, counts.looser.join('\n')).toBeLessThan(15);
});
