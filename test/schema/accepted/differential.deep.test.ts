import { expect, it } from 'vitest';
import { useDatabase } from '../../support/database';
import { expectSameVerdicts } from './differential';

const database = useDatabase();

it('What the verbs take at load, the server takes and stores as written; what it refuses, they refuse', async () => {
  const judged = await expectSameVerdicts(database.db);
  for (const [what, { valid, invalid, altered }] of Object.entries(judged))
    console.log(
      `${what}: ${valid} taken and stored as written, ${invalid} refused by both, ${altered} refused at load alone`,
    );
  const { indexes, validators, 'collection options': options } = judged;
  expect(indexes?.valid).toBeGreaterThanOrEqual(190);
  expect(indexes?.invalid).toBeGreaterThanOrEqual(40);
  expect((options?.valid ?? 0) + (options?.invalid ?? 0)).toBeGreaterThanOrEqual(110);
  expect((validators?.valid ?? 0) + (validators?.invalid ?? 0)).toBeGreaterThanOrEqual(220);
});
