import { Timestamp } from 'mongodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { deploy, rollback, status } from '../../src/deploy';
import { readEvents } from '../../src/history';
import { useDatabase, withDatabase } from '../support/database';
import { indexOn, makeSmallProject, type SmallProject } from '../support/small-project';
import { testLostConnection, testLostConnectionAnywhere } from './lost-connection';
import { backupOf, restoreInto, targetOf, temporaryFolder } from './support';

const database = useDatabase();
let project: SmallProject;
beforeAll(async () => {
  project = await makeSmallProject({
    results: `createCollections('results', 'users')`,
    indexes: `createIndexes('results', [${indexOn('number')}])`,
    more: `createCollections('targets')`,
  });
});
afterAll(() => project.remove());
beforeEach(() => database.db.dropDatabase());

const options = () => ({ ...targetOf(database.name), folder: project.folder, leaseSeconds: 2 });
const restored = (file: string) => restoreInto(database.name, file, { drop: true, migrations: project.folder });
const states = async (name = database.name) =>
  (await status({ ...options(), ...targetOf(name) })).migrations.map(({ state }) => state);

describe('A restore', () => {
  it('whose history holds a token that no run can have taken is refused, and spoils nothing', async () => {
    const folder = await temporaryFolder();
    await deploy(options());
    const token = Number.MAX_SAFE_INTEGER;
    const events = database.db.collection('schema_history');
    await events.insertOne({ type: 'unlocked', attempt: 'a', token, sequence: 1, at: new Timestamp({ t: 1, i: 0 }) });
    const fix = expect.stringContaining('db.schema_history.deleteOne') as string;
    await expect(backupOf(database.name, folder)).rejects.toMatchObject({ code: 'HISTORY', fix });
    await expect(deploy(options())).rejects.toMatchObject({ code: 'HISTORY', fix });
    await events.deleteOne({ token });
    expect(await states()).toEqual(['applied', 'applied', 'applied']);
    await rollback({ ...options(), steps: 1 });
    expect(await states()).toEqual(['applied', 'applied', 'pending']);
  });

  it('into a database with a history of its own keeps that, and leaves out events that stand for others there', async () => {
    const folder = await temporaryFolder();
    await deploy(options());
    const { file } = await backupOf(database.name, folder);
    await withDatabase(async (target) => {
      await deploy({ ...options(), ...targetOf(target.name), to: 'results' });
      const events = await readEvents(target.db);
      const report = await restoreInto(target.name, file, { drop: true, migrations: project.folder });
      expect(report).toMatchObject({ pending: [], broken: [], events: { leftOut: events.length } });
      expect(
        (await readEvents(target.db)).filter(({ attempt }) => events.some((one) => one.attempt === attempt)),
      ).toEqual(events);
      expect(await states(target.name)).toEqual(['applied', 'applied', 'applied']);
    });
  });

  it('of a database that was half rolled back leaves it so', async () => {
    const folder = await temporaryFolder();
    await deploy(options());
    const { db } = database;
    const last = (await readEvents(db)).at(-1);
    const { _id, ...event } =
      (await db.collection('schema_history').findOne({ attempt: last?.attempt ?? '', type: 'started' })) ?? {};
    await db
      .collection('schema_history')
      .insertOne({ ...event, direction: 'down', attempt: 'killed', sequence: 1_000 });
    const { file } = await backupOf(database.name, folder);
    expect(await restored(file)).toMatchObject({ broken: [project.names[2]] });
    expect(await states()).toEqual(['applied', 'applied', 'half rolled back']);
  });
});

testLostConnection(['insert', 'createIndexes']);
testLostConnectionAnywhere();
