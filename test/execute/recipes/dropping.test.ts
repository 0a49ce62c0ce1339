import { beforeEach, describe, expect, it } from 'vitest';
import {
  addValidator,
  createCollections,
  createIndexes,
  dropCollection,
  foldMigrations,
  hideIndex,
  migration,
  showIndex,
} from '../../../src/migration';
import { canonicalJson } from '../../../src/schema';
import { readSchema } from '../../../src/database';
import { useDatabase } from '../../support/database';
import { errorWith } from '../../support/error-with';
import { runSteps } from '../../support/run-steps';

const database = useDatabase();
const was = [
  createCollections('drafts'),
  createIndexes('drafts', [{ name: 'at_1', key: { at: 1 }, serves: 'the newest drafts' }]),
  addValidator('drafts', { $jsonSchema: { required: ['at'] } }),
];
const drop = [dropCollection('drafts', { reason: 'drafts live in the browser now', was })];
const live = async () => canonicalJson((await readSchema(database.db)).schema);

beforeEach(async () => {
  await database.db.dropDatabase();
  await runSteps(database.db, was);
});

describe('dropCollection', () => {
  it('drops an empty collection with all that belongs to it', async () => {
    expect(await runSteps(database.db, drop)).toEqual(['done', 'done', 'done']);
    expect(await live()).toBe('{}\n');
  });

  it('goes down to what was there', async () => {
    const before = await live();
    await runSteps(database.db, drop);
    await runSteps(database.db, drop, 'down');
    expect(await live()).toBe(before);
  });

  it('leaves a collection that holds documents whole', async () => {
    await database.db.collection('drafts').insertOne({ at: 1 });
    const before = await live();
    await expect(runSteps(database.db, drop)).rejects.toMatchObject({ code: 'DATA_LOSS' });
    expect(await live()).toBe(before);
  });

  it('loses documents when the run may', async () => {
    await database.db.collection('drafts').insertOne({ at: 1 });
    await runSteps(database.db, drop, 'up', { allowDataLoss: true });
    expect(await live()).toBe('{}\n');
  });

  it('is refused when what is there is not what it was told', async () => {
    await database.db.collection('drafts').dropIndex('at_1');
    await database.db.collection('drafts').createIndex({ at: -1 }, { name: 'at_1' }, {});
    await expect(runSteps(database.db, drop)).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  it('wants a reason, and to be told how the collection was made', () => {
    expect(() => dropCollection('drafts', { reason: ' ', was })).toThrow("dropCollection('drafts') has no reason");
    expect(() => dropCollection('drafts', { reason: 'old', was: was.slice(1) })).toThrow(
      'start `was` with its createCollections step',
    );
    expect(() => dropCollection('users', { reason: 'old', was })).toThrow('of another collection');
  });
});

describe('hideIndex', () => {
  it('hides an index, and going down shows it again', async () => {
    const before = await live();
    await runSteps(database.db, [hideIndex('drafts', 'at_1')]);
    expect((await readSchema(database.db)).schema['drafts']?.indexes?.['at_1']).toEqual({
      key: { at: 1 },
      hidden: true,
    });
    await runSteps(database.db, [hideIndex('drafts', 'at_1')], 'down');
    expect(await live()).toBe(before);
  });
});

describe('showIndex', () => {
  it('shows a hidden index again, and going down hides it', async () => {
    const before = await live();
    await runSteps(database.db, [hideIndex('drafts', 'at_1')]);
    const hidden = await live();
    expect(await runSteps(database.db, [showIndex('drafts', 'at_1')])).toEqual(['done']);
    expect(await live()).toBe(before);
    await runSteps(database.db, [showIndex('drafts', 'at_1')], 'down');
    expect(await live()).toBe(hidden);
  });

  it('fits only after a migration that hid it', () => {
    const made = migration('1-a.ts', ...was);
    const shown = migration('2-b.ts', showIndex('drafts', 'at_1'));
    expect(() => foldMigrations([made, shown])).toThrow(
      errorWith({ why: 'expected true before the change, but found nothing' }),
    );
  });
});
