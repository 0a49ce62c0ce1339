import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { deploy, rollback } from '../../src/deploy';
import { runMigration } from '../../src/execute';
import { type Direction } from '../../src/migration';
import { models } from '../../models';
import { useDatabase } from '../support/database';
import { sessionOn } from '../support/migrations';
import { deployProduct, productFolder } from '../support/product';
import { sample } from '../support/samples';
import { lastPlanned, plannedMigrations } from './planned';

const shipped = ['starter', 'standard', 'advanced', 'budget', 'enterprise'];

const database = useDatabase();
const presets = () => database.db.collection('presets');

describe('the system presets', () => {
  const namesLeft = async () =>
    (await presets().find().sort({ _id: 1 }).toArray()).map((preset) => preset['name'] as string);
  const run = async (direction: Direction) => {
    const [migration] = plannedMigrations().slice(-1);
    if (migration) await runMigration(await sessionOn(database.db), migration, direction);
  };

  beforeAll(() => deployProduct(database, { to: lastPlanned() }));
  beforeEach(async () => {
    await presets().deleteMany({});
    await run('up');
  });

  test('are five, and belong to nobody', async () => {
    const found = await presets().find({ user_id: null }).sort({ _id: 1 }).toArray();
    expect(found.map((preset) => preset['name'] as string)).toEqual(shipped);
  });

  test('have the same ids in every database', async () => {
    const found = await presets().find({ user_id: null }).sort({ _id: 1 }).toArray();
    expect(found.map(({ _id }) => _id.toHexString())).toEqual(
      [1, 2, 3, 4, 5].map((number) => `5e${number.toString(16).padStart(22, '0')}`),
    );
  });

  test('differ in what they cost and what they do', async () => {
    const found = await presets().find({ user_id: null }).toArray();
    expect(new Set(found.map((preset) => preset['price_class'] as unknown)).size).toBe(5);
    const work = found.map(({ analyses, limits, pace }) => JSON.stringify([analyses, limits, pace]));
    expect(new Set(work).size).toBe(5);
    expect(found).toMatchObject(found.map(() => ({ analyses: { sentiment: true } })));
  });

  test('go down when they are as shipped', async () => {
    await run('down');
    expect(await namesLeft()).toEqual([]);
  });

  test('stay when somebody has edited them, and so do those of people', async () => {
    await presets().updateOne({ name: 'budget' }, { $set: { 'limits.targets': 20 } });
    await presets().insertOne({ ...sample('presets'), name: 'Mine' });
    await run('down');
    expect(await namesLeft()).toEqual(['budget', 'Mine']);
    expect(await presets().findOne({ name: 'budget' })).toMatchObject({ limits: { targets: 20 } });
  });

  test('come back with the same ids after a rollback', async () => {
    const target = { url: database.url, database: database.name, folder: productFolder };
    const before = await presets().find().sort({ _id: 1 }).toArray();
    await rollback({ ...target, steps: 1 });
    expect(await namesLeft()).toEqual([]);
    await deploy({ ...target, to: lastPlanned() });
    expect(await presets().find().sort({ _id: 1 }).toArray()).toEqual(before);
  });
});

describe('the system presets, as all migrations leave them,', () => {
  beforeAll(() => deployProduct(database));

  test('are as the model wants them', async () => {
    const found = await presets().find({ user_id: null }).toArray();
    expect(found.length).toBeGreaterThan(0);
    for (const preset of found) expect(models.presets.parse(preset)).toEqual(preset);
  });
});
