import fc from 'fast-check';
import { expect } from 'vitest';
import { applyChanges } from '../../src/execute';
import { canonicalJson, emptySchema, fold, inverse, type Schema } from '../../src/schema';
import { readSchema } from '../../src/database';
import type { TestDatabase } from '../support/database';
import { sessionOn } from '../support/migrations';
import { seed } from '../support/seed';
import { drawnDocuments, histories } from './random-changes';

/** Takes so many drawn histories up and down, and expects the server to be where the fold is after each migration. */
export async function expectServerToFollow({ db }: TestDatabase, numRuns: number): Promise<void> {
  const session = await sessionOn(db);
  const expectLive = async (expected: Schema | undefined) => {
    const { schema } = await readSchema(db, { documents: drawnDocuments });
    expect(canonicalJson(schema)).toBe(canonicalJson(expected ?? emptySchema));
  };
  const emptied = async () => {
    await db.dropDatabase();
  };
  await fc.assert(
    fc.asyncProperty(histories, async (migrations) => {
      const schemas = [emptySchema];
      for (const changes of migrations) {
        await applyChanges(session, changes);
        schemas.push(fold(changes, schemas.at(-1)));
        await expectLive(schemas.at(-1));
      }
      for (const changes of migrations.toReversed()) {
        await applyChanges(session, inverse(changes));
        schemas.pop();
        await expectLive(schemas.at(-1));
      }
    }),
    { numRuns, seed, plugins: [fc.beforeEach(emptied)] },
  );
}
