import { beforeAll, describe, expect, it } from 'vitest';
import { models, type CollectionName } from '../../../models';
import { schemaOf } from '../../models/judges';
import { drawnCases, seededCases } from '../../python/cases';
import { collection, createConstructs } from '../../python/constructs';
import { useDatabase } from '../../support/database';
import { deployProduct } from '../../support/product';
import { seed } from '../../support/seed';
import { mistakes, mistakesInConstructs, withMistake } from './broken-schemas';
import { committedSchemas, schemasOfConstructs } from './json-schemas';
import { differences, isAboutRounding, throughJson, type InJson, type JsonSchemas } from './judged-by-ajv';

const isNew = (known: ReadonlySet<string>) => (difference: string) => !known.has(difference);

function tell(cases: readonly InJson[], drawn: number, found: readonly string[]): void {
  const exact = cases.filter(({ isExact }) => isExact).length;
  const taken = cases.filter(({ isTaken }) => isTaken).length;
  console.log(
    `${drawn} documents, ${cases.length} in JSON (${exact} of them read back as they were), ${taken} taken by the server; ` +
      `${found.length} differences, ${found.filter(isAboutRounding).length} about rounding`,
  );
}

describe('The JSON Schemas and the server', () => {
  const database = useDatabase();
  let schemas: JsonSchemas;
  let cases: InJson[];
  let drawn = 0;
  beforeAll(async () => {
    await deployProduct(database);
    schemas = await committedSchemas();
    const all = [...seededCases()];
    for (const name of Object.keys(models) as CollectionName[]) {
      all.push(...drawnCases(name, await schemaOf(database.db, name), seed, { valid: 60, mixed: 250, eachAltered: 1 }));
    }
    drawn = all.length;
    cases = await throughJson(database.db, all, schemas);
  });

  it('say the same of every document that JSON can write', () => {
    const found = differences(cases, schemas);
    tell(cases, drawn, found);
    expect(found.filter((one) => !isAboutRounding(one))).toEqual([]);
    expect(cases.length).toBeGreaterThan(10_000);
    expect(cases.filter(({ isExact }) => isExact).length).toBeGreaterThan(5_000);
  });

  it.each(mistakes)('find the mistake: %s', (_, alter) => {
    const known = new Set(differences(cases, schemas));
    expect(differences(cases, withMistake(schemas, alter)).filter(isNew(known))).not.toEqual([]);
  });
});

describe('The JSON Schema and the server, with every construct that the generator knows,', () => {
  const database = useDatabase();
  const schemas = schemasOfConstructs();
  let cases: InJson[];
  let drawn = 0;
  beforeAll(async () => {
    const all = drawnCases(collection, await createConstructs(database.db), seed, {
      valid: 400,
      mixed: 1000,
      eachAltered: 1,
    });
    drawn = all.length;
    cases = await throughJson(database.db, all, schemas);
  });

  it('say the same of every document that JSON can write', () => {
    const found = differences(cases, schemas);
    tell(cases, drawn, found);
    expect(found.filter((one) => !isAboutRounding(one))).toEqual([]);
    expect(cases.filter(({ isTaken }) => isTaken).length).toBeGreaterThan(400);
  });

  it.each(mistakesInConstructs)('find the mistake: %s', (_, alter) => {
    const known = new Set(differences(cases, schemas));
    expect(differences(cases, withMistake(schemas, alter)).filter(isNew(known))).not.toEqual([]);
  });
});
