import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { deploy, rollback } from '../../../src/deploy';
import { drift } from '../../../src/review';
import { useDatabase } from '../../support/database';
import { makeSmallProject, type SmallProject } from '../../support/small-project';
import { names, stepsOfContents } from './special-names';

const database = useDatabase();
let project: SmallProject;

beforeAll(async () => {
  const steps = `...require(${JSON.stringify(path.join(__dirname, 'special-names'))})`;
  project = await makeSmallProject({
    collections: `${steps}.stepsOfCollections()`,
    contents: `${steps}.stepsOfContents()`,
    unique: `makeUnique('fields', 'constructor'), makeUnique('fields', '__proto__'), hideIndex('fields', 'toString')`,
  });
});
afterAll(() => project.remove());

const target = () => ({ url: database.url, database: database.name, folder: project.folder });

it('Names are only names: of collections, indexes, fields and rows', async () => {
  expect(Object.isFrozen(Object.prototype)).toBe(false);
  await deploy(target());
  expect((await deploy({ ...target(), strict: true })).applied).toEqual([]);
  expect(await drift(target())).toMatchObject({ findings: [], drift: 0 });
  const unique = (await database.db.collection('fields').indexes()).filter((index) => index['unique'] === true);
  expect(unique.map(({ name }) => name).sort()).toEqual(['__proto__', 'constructor']);
  const row = await database.db.collection<{ _id: string }>('rows').findOne({ _id: '__proto__' });
  expect(row && Object.keys(row)).toEqual(['_id', '__proto__']);
  await rollback({ ...target(), steps: 3 });
  const left = await database.db.listCollections({}, { nameOnly: true }).toArray();
  expect(left.filter(({ name }) => names.includes(name) || name === 'fields')).toEqual([]);
  expect(Object.isFrozen(Object.prototype)).toBe(false);
});

it('A migration holds each of them', () => {
  const changes = stepsOfContents().flatMap((step) => step.changes);
  const places = changes.map(({ place }) => ('name' in place ? place.name : undefined));
  for (const name of names.filter((one) => one !== '0' && !one.includes('.'))) expect(places).toContain(name);
});
