import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { baseline, deploy, rollback } from '../../../src/deploy';
import { drift } from '../../../src/review';
import { useDatabase } from '../../support/database';
import { makeSmallProject, type SmallProject } from '../../support/small-project';
import { count, makeByHand } from './whole-way-steps';

const database = useDatabase();
let project: SmallProject;

beforeAll(async () => {
  const steps = `...require(${JSON.stringify(path.join(__dirname, 'whole-way-steps'))})`;
  project = await makeSmallProject({
    collections: `${steps}.stepsOfCollections()`,
    contents: `${steps}.stepsOfContents()`,
  });
});
afterAll(() => project.remove());

const target = () => ({ url: database.url, database: database.name, folder: project.folder });
const expectNoDrift = async () => {
  expect(await drift(target())).toMatchObject({ findings: [], drift: 0 });
};

it(`${count} definitions go the whole way: deployed, deployed again, compared, rolled back, and adopted`, async () => {
  expect(count).toBeGreaterThanOrEqual(36);
  expect((await deploy(target())).applied.map(({ name }) => name)).toEqual(project.names);
  expect((await deploy({ ...target(), strict: true })).applied).toEqual([]);
  await expectNoDrift();
  expect((await rollback({ ...target(), steps: 2 })).rolledBack).toHaveLength(2);
  const left = await database.db.listCollections({ name: /^sample_/ }, { nameOnly: true }).toArray();
  expect(left).toEqual([]);

  await database.db.dropDatabase();
  await makeByHand(database.db);
  expect(await baseline(target())).toMatchObject({ marked: project.names, extras: [] });
  expect((await deploy({ ...target(), strict: true })).applied).toEqual([]);
  await expectNoDrift();
});
