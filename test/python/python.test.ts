import { beforeAll, describe, expect, it } from 'vitest';
import { models, type CollectionName } from '../../models';
import { schemaOf } from '../models/judges';
import { useDatabase } from '../support/database';
import { deployProduct } from '../support/product';
import { seed } from '../support/seed';
import { drawnCases, seededCases } from './cases';
import { usePython } from './python';
import { asBuilt, asRead, byZod, takenByServer } from './three-judges';
import { judgedByPython } from './verdicts';

const names = Object.keys(models) as CollectionName[];
usePython();
const database = useDatabase();
beforeAll(() => deployProduct(database));

describe('Pydantic, zod and the server', () => {
  it('say the same of a sample of documents', async () => {
    const cases = [...seededCases().filter((_, at) => at % 40 === 0)];
    for (const name of names) {
      const schema = await schemaOf(database.db, name);
      cases.push(...drawnCases(name, schema, seed, { valid: 2, mixed: 3, eachAltered: 40 }));
    }
    const verdicts = await judgedByPython(cases, seed);
    const taken = await takenByServer(database.db, cases);
    const built = await asBuilt(database.db, cases, verdicts);
    console.log(`${cases.length} documents as read, ${built.count} as built`);
    expect(asRead(cases, taken, verdicts)).toEqual([]);
    expect(built.found).toEqual([]);
    expect(byZod(cases, taken)).toEqual([]);
  });
});
