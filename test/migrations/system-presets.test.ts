import { beforeEach, describe, expect, test } from 'vitest';
import { recordApplied, removeApplied } from '../../src/history';
import { models } from '../../src/models';
import { applyAll } from '../support/apply-all';
import { projectMigrations } from '../support/migrations';
import { useDatabase } from '../support/database';
import { sample } from '../support/samples';

const shipped = ['starter', 'standard', 'advanced', 'budget', 'enterprise'];

describe('the system presets', () => {
  const database = useDatabase();
  const presets = () => database.db.collection('presets');
  const namesLeft = async () =>
    (await presets().find().sort({ _id: 1 }).toArray()).map((preset) => preset['name'] as string);

  beforeEach(async () => {
    await database.db.dropDatabase();
    await applyAll(database);
  });

  const downAndUp = () => {
    const migration = projectMigrations().find(({ name }) => name.endsWith('-system_presets.ts'));
    if (!migration) throw new Error('the folder holds no migration of the system presets');
    return {
      down: async () => {
        await migration.down(database.db);
        await removeApplied(database.db, migration.name);
      },
      up: async () => {
        await migration.up(database.db);
        await recordApplied(database.db, migration.name, 1);
      },
    };
  };

  test('are five, belong to nobody, and are as the model wants them', async () => {
    const found = await presets().find({ user_id: null }).sort({ _id: 1 }).toArray();
    expect(found.map((preset) => preset['name'] as string)).toEqual(shipped);
    for (const preset of found) expect(models.presets.parse(preset)).toEqual(preset);
  });

  test('have the same ids in every database', async () => {
    const found = await presets().find({ user_id: null }).sort({ _id: 1 }).toArray();
    expect(found.map(({ _id }) => _id.toHexString())).toEqual(
      [1, 2, 3, 4, 5].map((number) => `5e${number.toString(16).padStart(22, '0')}`),
    );
  });

  test('differ in what they cost and what they do', async () => {
    const found = models.presets.array().parse(await presets().find({ user_id: null }).toArray());
    expect(new Set(found.map(({ price_class }) => price_class)).size).toBe(5);
    expect(new Set(found.map(({ analyses, limits, pace }) => JSON.stringify([analyses, limits, pace]))).size).toBe(5);
    expect(found.every(({ analyses }) => analyses.sentiment)).toBe(true);
  });

  test('go down when they are as shipped', async () => {
    const { down } = downAndUp();
    await down();
    expect(await namesLeft()).toEqual([]);
  });

  test('stay when somebody has edited them, and so do those of people', async () => {
    await presets().updateOne({ name: 'budget' }, { $set: { 'limits.targets': 20 } });
    await presets().insertOne({ ...sample('presets'), name: 'Mine' });
    const { down } = downAndUp();
    await down();
    expect(await namesLeft()).toEqual(['budget', 'Mine']);
    expect(await presets().findOne({ name: 'budget' })).toMatchObject({ limits: { targets: 20 } });
  });

  test('come back with the same ids', async () => {
    const before = await presets().find().sort({ _id: 1 }).toArray();
    const { down, up } = downAndUp();
    await down();
    await up();
    expect(await presets().find().sort({ _id: 1 }).toArray()).toEqual(before);
  });
});
