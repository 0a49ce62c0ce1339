import { beforeAll, describe, expect, it } from 'vitest';
import { models, type CollectionName } from '../../models';
import { schemaOf } from '../models/judges';
import { useDatabase } from '../support/database';
import { deployProduct } from '../support/product';
import { seed } from '../support/seed';
import { mistakes, mistakesInConstructs } from './broken';
import { drawnCases, seededCases, type Drawn } from './cases';
import { collection, createConstructs, modelsOfConstructs } from './constructs';
import { editedSources, usePython } from './python';
import { asBuilt, asRead, byZod, takenByServer } from './three-judges';
import { judgedByPython } from './verdicts';

/** Altered at one place, where each construct is of which mistakes are made. All documents would take long. */
const isSampled = ({ collection, how }: Drawn) =>
  isAltered(how) &&
  (['users', 'webhooks', 'api_keys'].includes(collection) || /^analysis\.(?:topics|sentiment)/.test(how));
const isAltered = (how: string) => !/^(?:seeded|valid|mixed)/.test(how);
const names = Object.keys(models) as CollectionName[];

usePython();

describe('Pydantic, zod and the server', () => {
  const database = useDatabase();
  const cases: Drawn[] = [];
  let taken: boolean[];
  const answersTo = (some: readonly Drawn[]) => some.map((one) => taken[cases.indexOf(one)] === true);
  beforeAll(async () => {
    await deployProduct(database);
    cases.push(...seededCases());
    for (const name of names) {
      const schema = await schemaOf(database.db, name);
      cases.push(...drawnCases(name, schema, seed, { valid: 60, mixed: 250, eachAltered: 1 }));
    }
    taken = await takenByServer(database.db, cases);
  });

  it('say the same of every document, as it is read and as an application builds it', async () => {
    const verdicts = await judgedByPython(cases, seed);
    const built = await asBuilt(database.db, cases, verdicts);
    const read = verdicts.filter(({ lossless }) => lossless).length;
    console.log(
      `${cases.length} documents (the server takes ${count(taken)}), ${read} read by PyMongo without loss, ${built.count} built`,
    );
    expect(asRead(cases, taken, verdicts)).toEqual([]);
    expect(built.found).toEqual([]);
    expect(byZod(cases, taken)).toEqual([]);
    expect(read).toBeGreaterThan(15_000);
    expect(built.count).toBeGreaterThan(15_000);
  });

  it.each(mistakes)('find the mistake: %s', async (_, edit) => {
    const few = cases.filter(isSampled);
    const verdicts = await judgedByPython(few, seed, await editedSources(edit));
    expect(asRead(few, answersTo(few), verdicts).length).toBeGreaterThan(0);
  });
});

describe('Pydantic and the server, with every construct that the generator knows', () => {
  const database = useDatabase();
  let cases: Drawn[];
  let taken: boolean[];
  const answersTo = (some: readonly Drawn[]) => some.map((one) => taken[cases.indexOf(one)] === true);
  beforeAll(async () => {
    const schema = await createConstructs(database.db);
    cases = drawnCases(collection, schema, seed, { valid: 400, mixed: 1000, eachAltered: 1 });
    taken = await takenByServer(database.db, cases);
  });

  it('say the same of every document', async () => {
    const verdicts = await judgedByPython(cases, seed, await editedSources(modelsOfConstructs()));
    const built = await asBuilt(database.db, cases, verdicts);
    console.log(`${cases.length} documents (the server takes ${count(taken)}), ${built.count} built`);
    expect(asRead(cases, taken, verdicts)).toEqual([]);
    expect(built.found).toEqual([]);
    expect(count(taken)).toBeGreaterThan(500);
  });

  it.each(mistakesInConstructs)('find the mistake: %s', async (_, edit) => {
    const few = cases.filter(({ how }) => isAltered(how));
    const verdicts = await judgedByPython(few, seed, await editedSources(modelsOfConstructs(), edit));
    expect(asRead(few, answersTo(few), verdicts).length).toBeGreaterThan(0);
  });
});

function count(taken: readonly boolean[]): number {
  return taken.filter(Boolean).length;
}
