import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyChanges } from '../../src/migration';
import { canonicalJson, emptySchema, fold, inverse, readSchema, type Schema } from '../../src/schema';
import { useDatabase } from '../support/database';
import { sessionOn } from '../support/migrations';
import { drawnDocuments, histories } from './random-changes';

const database = useDatabase();

describe('Whatever valid migrations are made of,', () => {
  it('each leads the server where it leads the fold, and back', { timeout: 120_000 }, async () => {
    const session = await sessionOn(database.db);
    const expectLive = async (expected: Schema | undefined) => {
      const { schema } = await readSchema(database.db, { documents: drawnDocuments });
      expect(canonicalJson(schema)).toBe(canonicalJson(expected ?? emptySchema));
    };
    const emptied = async () => {
      await database.db.dropDatabase();
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
      { numRuns: 20, interruptAfterTimeLimit: 30_000, plugins: [fc.beforeEach(emptied)] },
    );
  });
});
