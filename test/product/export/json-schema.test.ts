import { beforeAll, expect, it } from 'vitest';
import { models, type CollectionName } from '../../../models';
import { schemaOf } from '../../models/judges';
import { drawnCases, seededCases } from '../../python/cases';
import { collection, createConstructs } from '../../python/constructs';
import { useDatabase } from '../../support/database';
import { deployProduct } from '../../support/product';
import { seed } from '../../support/seed';
import { committedSchemas, schemasOfConstructs } from './json-schemas';
import { differences, isAboutRounding, throughJson } from './judged-by-ajv';

const database = useDatabase();
beforeAll(() => deployProduct(database));

it('The JSON Schemas and the server say the same of a sample of documents', async () => {
  const schemas = await committedSchemas();
  const drawn = seededCases().filter((_, at) => at % 40 === 0);
  for (const name of Object.keys(models) as CollectionName[]) {
    drawn.push(...drawnCases(name, await schemaOf(database.db, name), seed, { valid: 3, mixed: 5, eachAltered: 25 }));
  }
  const cases = await throughJson(database.db, drawn, schemas);
  console.log(`${drawn.length} documents, ${cases.length} in JSON`);
  expect(differences(cases, schemas).filter((one) => !isAboutRounding(one))).toEqual([]);
  expect(cases.filter(({ isTaken }) => isTaken).length).toBeGreaterThan(100);
});

it('The JSON Schema of every construct and the server say the same of a sample of documents', async () => {
  const drawn = drawnCases(collection, await createConstructs(database.db), seed, {
    valid: 20,
    mixed: 40,
    eachAltered: 25,
  });
  const cases = await throughJson(database.db, drawn, schemasOfConstructs());
  expect(differences(cases, schemasOfConstructs()).filter((one) => !isAboutRounding(one))).toEqual([]);
});
