import { beforeEach, describe, expect, it } from 'vitest';
import { readIndexes } from '../../src/database';
import { changeTtl, createCollections, createIndexes, type IndexDefinition } from '../../src/migration';
import { useDatabase } from '../support/database';
import { runSteps } from '../support/run-steps';

const database = useDatabase();
const visits = () => database.db.collection('visits');
const indexes = () => readIndexes(database.db, 'visits');
const set = changeTtl('visits', 'at_1', { to: 60 });

async function make(options: Partial<IndexDefinition> = {}): Promise<void> {
  const index = { name: 'at_1', key: { at: 1 }, serves: 'the newest', ...options } as const;
  await runSteps(database.db, [createCollections('visits'), createIndexes('visits', [index])]);
  await visits().insertMany([{ at: new Date(Date.now() + 1e6) }, { at: 'never' }]);
}

beforeEach(() => database.db.dropDatabase());

describe('changeTtl on a plain index', () => {
  it.each<[string, Partial<IndexDefinition>]>([
    ['plain', {}],
    ['hidden and partial', { hidden: true, partialFilterExpression: { at: { $type: 'date' } } }],
    ['unique', { unique: true }],
    ['hashed', { key: { at: 'hashed' } }],
  ])('makes a TTL of it in place, and going down takes it off: %s', async (_title, options) => {
    await make(options);
    const before = await indexes();
    expect(await runSteps(database.db, [set])).toEqual(['done']);
    expect(await indexes()).toEqual({ at_1: { ...before['at_1'], expireAfterSeconds: 60 } });
    expect(await runSteps(database.db, [set])).toEqual(['already']);
    expect(await runSteps(database.db, [set], 'down')).toEqual(['done']);
    expect(await indexes()).toEqual(before);
    expect(await runSteps(database.db, [set], 'down')).toEqual(['already']);
  });

  it('takes the name of the migration where it would delete documents', async () => {
    await make();
    await visits().insertOne({ at: new Date(0) });
    const before = await indexes();
    await expect(runSteps(database.db, [set])).rejects.toMatchObject({
      code: 'DATA_LOSS',
      why: [expect.stringContaining('1 document is older than the TTL')],
    });
    expect(await indexes()).toEqual(before);
    await runSteps(database.db, [set], 'up', { allowDataLoss: true });
    expect((await indexes())['at_1']).toMatchObject({ expireAfterSeconds: 60 });
  });

  it('keeps an index that serves and refuses duplicates all the way down, wherever a run is killed', async () => {
    await make({ unique: true });
    const before = await indexes();
    const gaps: number[] = [];
    let [writes, killedAt] = [0, 0];
    const guard = async () => {
      writes++;
      const there = Object.values(await indexes());
      if (!there.some(({ key, unique }) => unique && Object.keys(key).join() === 'at')) gaps.push(writes);
      if (writes === killedAt) throw new Error('killed');
    };
    do {
      [writes, killedAt] = [0, killedAt + 1];
      await runSteps(database.db, [set]);
      await runSteps(database.db, [set], 'down', { guard }).catch(() => undefined);
      await runSteps(database.db, [set], 'down');
      expect(await indexes()).toEqual(before);
    } while (writes === killedAt);
    expect(killedAt).toBeGreaterThan(4);
    expect(gaps).toEqual([]);
  });

  it('is refused on an index of several fields', async () => {
    await make({ key: { at: 1, by: 1 } });
    await expect(runSteps(database.db, [set])).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  it('wants one side at least', () => {
    expect(() => changeTtl('visits', 'at_1', {})).toThrow("changeTtl('visits', 'at_1') has neither from nor to");
  });
});
