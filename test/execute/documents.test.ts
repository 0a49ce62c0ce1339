import { Double, Long, type Document } from 'mongodb';
import { beforeEach, describe, expect, it } from 'vitest';
import { createCollections, insertDocuments, removeDocuments, updateDocuments } from '../../src/migration';
import { useDatabase } from '../support/database';
import { runSteps } from '../support/run-steps';

const database = useDatabase();
const plans = () => database.db.collection<{ _id: string } & Document>('plans');
const all = () => plans().find({}, { promoteValues: false }).sort({ _id: 1 }).toArray();

const free = { _id: 'free', name: 'Free', seats: 1 };
const pro = { _id: 'pro', name: 'Pro', seats: 10 };
const team = { _id: 'team', name: 'Team', seats: 50 };
const more = updateDocuments('plans', [
  { from: free, to: { ...free, seats: 3 } },
  { from: pro, to: { ...pro, seats: 20, note: 'new' } },
  { from: team, to: { ...team, seats: 100 } },
]);
const fewer = removeDocuments('plans', [pro, team]);

beforeEach(async () => {
  await database.db.dropDatabase();
  await runSteps(database.db, [createCollections('plans'), insertDocuments('plans', [free, pro, team])]);
});

describe('updateDocuments', () => {
  it('changes rows that are as they were shipped, and going down puts them back', async () => {
    const before = await all();
    expect(await runSteps(database.db, [more])).toEqual(['done', 'done', 'done']);
    expect(await plans().findOne({ _id: 'pro' })).toEqual({ _id: 'pro', name: 'Pro', seats: 20, note: 'new' });
    expect(await runSteps(database.db, [more])).toEqual(['already', 'already', 'already']);
    expect(await runSteps(database.db, [more], 'down')).toEqual(['done', 'done', 'done']);
    expect(await all()).toEqual(before);
  });

  it.each(['up', 'down'] as const)(
    'leaves rows that people edited or removed as they are, going %s',
    async (direction) => {
      if (direction === 'down') await runSteps(database.db, [more]);
      await plans().updateOne({ _id: 'free' }, { $set: { name: 'Gratis' } });
      await plans().deleteOne({ _id: 'team' });
      const [edited] = await all();
      const outcomes = await runSteps(database.db, [more], direction);
      expect(outcomes).toEqual(['kept', 'done', 'kept']);
      expect((await all()).map(({ _id }) => _id)).toEqual(['free', 'pro']);
      expect((await all())[0]).toEqual(edited);
      expect(await runSteps(database.db, [more], direction, { allowDataLoss: true })).toEqual([
        'kept',
        'already',
        'kept',
      ]);
      expect((await all())[0]).toEqual(edited);
    },
  );

  it('finds a row that somebody has changed in the same way', async () => {
    await plans().updateOne({ _id: 'free' }, { $set: { seats: 3 } });
    expect(await runSteps(database.db, [more])).toEqual(['already', 'done', 'done']);
  });

  it('takes a number of another type for an edit', async () => {
    await plans().updateOne({ _id: 'free' }, { $set: { seats: new Double(1) } });
    expect(await runSteps(database.db, [more])).toEqual(['kept', 'done', 'done']);
  });

  it('leaves a row that is edited between the look and the update', async () => {
    let isEdited = false;
    const guard = async () => {
      if (isEdited) return;
      isEdited = true;
      await plans().updateOne({ _id: 'free' }, { $set: { name: 'Gratis' } });
    };
    expect(await runSteps(database.db, [more], 'up', { guard })).toEqual(['kept', 'done', 'done']);
    expect(await plans().findOne({ _id: 'free' })).toEqual({ ...free, name: 'Gratis' });
  });

  it('stores names and types as they are written', async () => {
    const from = { _id: 'odd', b: 1, '1': 1 };
    const to = { _id: 'odd', $a: 1, 'b.c': { $d: Long.fromNumber(2) }, '1': [new Date(0), null] };
    await runSteps(database.db, [insertDocuments('plans', [from])]);
    await runSteps(database.db, [updateDocuments('plans', [{ from, to }])]);
    const [stored] = await plans().find({ _id: 'odd' }, { promoteLongs: false }).toArray();
    await runSteps(database.db, [updateDocuments('plans', [{ from, to }])], 'down');
    expect(await plans().findOne({ _id: 'odd' })).toEqual(from);
    await plans().deleteOne({ _id: 'odd' });
    await runSteps(database.db, [insertDocuments('plans', [to])]);
    expect(await plans().find({ _id: 'odd' }, { promoteLongs: false }).toArray()).toEqual([stored]);
  });
});

describe('removeDocuments', () => {
  it('removes rows that are as they were shipped, and going down puts them back', async () => {
    const before = await all();
    expect(await runSteps(database.db, [fewer])).toEqual(['done', 'done']);
    expect((await all()).map(({ _id }) => _id)).toEqual(['free']);
    expect(await runSteps(database.db, [fewer])).toEqual(['already', 'already']);
    expect(await runSteps(database.db, [fewer], 'down')).toEqual(['done', 'done']);
    expect(await all()).toEqual(before);
  });

  it('leaves rows that people edited, unless the run may lose documents', async () => {
    await plans().updateOne({ _id: 'pro' }, { $set: { name: 'Professional' } });
    expect(await runSteps(database.db, [fewer])).toEqual(['kept', 'done']);
    expect(await plans().findOne({ _id: 'pro' })).toEqual({ ...pro, name: 'Professional' });
    expect(await runSteps(database.db, [fewer], 'up', { allowDataLoss: true })).toEqual(['done', 'already']);
    expect((await all()).map(({ _id }) => _id)).toEqual(['free']);
  });

  it('leaves a row that has the _id on the way down: one that it kept, or that came since', async () => {
    await plans().updateOne({ _id: 'pro' }, { $set: { name: 'Professional' } });
    await runSteps(database.db, [fewer]);
    await plans().insertOne({ _id: 'team', name: 'ours' });
    const before = await all();
    expect(await runSteps(database.db, [fewer], 'down')).toEqual(['kept', 'kept']);
    expect(await all()).toEqual(before);
  });

  it('and insertDocuments differ there: going up, a row that is in the way is refused', async () => {
    await plans().updateOne({ _id: 'pro' }, { $set: { name: 'Professional' } });
    await expect(runSteps(database.db, [insertDocuments('plans', [pro])])).rejects.toMatchObject({ code: 'CONFLICT' });
  });
});
