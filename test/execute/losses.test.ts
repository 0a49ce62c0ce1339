import type { Document } from 'mongodb';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  backfill,
  changeTtl,
  createCollections,
  createIndexes,
  dropField,
  dropIndexes,
  insertDocuments,
  type Step,
} from '../../src/migration';
import { german } from '../support/collations';
import { useDatabase } from '../support/database';
import { runSteps } from '../support/run-steps';

const database = useDatabase();
const posts = () => database.db.collection<{ _id: string | number } & Document>('posts');
const refused = { code: 'DATA_LOSS' };
const year = 31_536_000;
const day = 86_400;

/** An index on `at`, as a verb takes it. */
const ttl = (expireAfterSeconds?: number, more: Document = {}) => ({
  ...{ name: 'at_1', key: { at: 1 as const }, serves: 'a test' },
  ...(expireAfterSeconds !== undefined && { expireAfterSeconds }),
  ...more,
});

beforeEach(() => database.db.dropDatabase());

async function ttlNow(): Promise<number | undefined> {
  const found = (await posts().indexes()).find(({ name }) => name === 'at_1');
  return found?.expireAfterSeconds;
}

describe('A TTL that would delete documents at once', () => {
  const now = () => Date.now();
  const old = () => new Date(now() - 10 * day * 1000);
  // Which of these the server deletes was found out on mongod 7.0 with a short ttlMonitorSleepSecs.
  beforeEach(() =>
    posts().insertMany([
      { _id: 'old', at: old(), kind: 'abc' },
      { _id: 'old, of another case', at: old(), kind: 'ABC' },
      { _id: 'new', at: new Date() },
      { _id: 'an array with an old date', at: ['x', new Date(), old()] },
      { _id: 'an array of new dates', at: [new Date()] },
      { _id: 'an array within an array', at: [[old()]] },
      { _id: 'a text', at: old().toISOString() },
      { _id: 'a number', at: 5 },
      { _id: 'null', at: null },
      { _id: 'nothing' },
      { _id: 'long before 1970', at: new Date(-1e14) },
    ]),
  );

  const insensitive = { ...german, strength: 1 };
  const created: [string, Document, number][] = [
    ['a plain one', ttl(day), 4],
    ['one in descending order', ttl(day, { key: { at: -1 } }), 4],
    ['a sparse one', ttl(day, { sparse: true }), 4],
    ['a hidden one', ttl(day, { hidden: true }), 4],
    ['one for ever, but for what is older', ttl(2_147_483_647), 1],
    ['a partial one', ttl(day, { partialFilterExpression: { kind: 'abc' } }), 1],
    [
      'a partial one, by its collation',
      ttl(day, { partialFilterExpression: { kind: 'abc' }, collation: insensitive }),
      2,
    ],
    ['one for a year', ttl(year), 1],
  ];

  it.each(created)('is refused with their number: %s', async (_title, definition, count) => {
    const create = createIndexes('posts', [definition as ReturnType<typeof ttl>]);
    const message = `${count} ${count === 1 ? 'document is' : 'documents are'} older than the TTL`;
    await expect(runSteps(database.db, [create])).rejects.toMatchObject({
      ...refused,
      message: expect.stringContaining(message) as string,
    });
    expect(await posts().indexes()).toHaveLength(1);
    await runSteps(database.db, [create], 'up', { allowDataLoss: true });
    expect(await posts().indexes()).toHaveLength(2);
  });

  it('goes by the collation of the index, not by that of the collection', async () => {
    await database.db.createCollection('words', { collation: insensitive });
    await database.db.collection('words').insertMany([
      { at: old(), kind: 'abc' },
      { at: old(), kind: 'ABC' },
    ]);
    const create = createIndexes('words', [ttl(day, { partialFilterExpression: { kind: 'abc' } })]);
    await expect(runSteps(database.db, [create])).rejects.toMatchObject({
      message: expect.stringContaining('1 document is older') as string,
    });
  });

  it('is set when none is that old, or the collection is not there', async () => {
    await posts().deleteMany({
      _id: { $nin: ['new', 'a text', 'a number', 'null', 'nothing', 'an array of new dates'] },
    });
    await runSteps(database.db, [createIndexes('posts', [ttl(day)])]);
    expect(await ttlNow()).toBe(day);
    await runSteps(database.db, [createCollections('others'), createIndexes('others', [ttl(day)])]);
  });

  it('is refused on a capped collection, which deletes nothing, before it is sent', async () => {
    await database.db.createCollection('log', { capped: true, size: 4096 });
    await database.db.collection('log').insertOne({ at: old() });
    await expect(runSteps(database.db, [createIndexes('log', [ttl(day)])])).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  it('is refused where an index gets shorter, and not where it gets longer', async () => {
    await posts().deleteOne({ _id: 'long before 1970' });
    await posts().createIndex({ at: 1 }, { expireAfterSeconds: year }, {});
    const shorten = changeTtl('posts', 'at_1', { from: year, to: day });
    await expect(runSteps(database.db, [shorten])).rejects.toMatchObject({
      ...refused,
      message: expect.stringContaining('TTL of index posts.at_1: 3 documents are older') as string,
    });
    expect(await ttlNow()).toBe(year);
    await runSteps(database.db, [changeTtl('posts', 'at_1', { from: year, to: year * 2 })]);
    await runSteps(database.db, [changeTtl('posts', 'at_1', { from: year * 2, to: day })], 'up', {
      allowDataLoss: true,
    });
    expect(await ttlNow()).toBe(day);
  });

  it.each<[string, Step, number | undefined]>([
    ['changeTtl, which shortens again', changeTtl('posts', 'at_1', { from: day, to: year }), year],
    ['dropIndexes, which makes a TTL again', dropIndexes('posts', [ttl(day)]), undefined],
  ])('is refused on the way down: %s', async (_title, step, before) => {
    await posts().deleteOne({ _id: 'long before 1970' });
    if (before !== undefined) await posts().createIndex({ at: 1 }, { expireAfterSeconds: before }, {});
    await expect(runSteps(database.db, [step], 'down')).rejects.toMatchObject(refused);
    expect(await ttlNow()).toBe(before);
    await runSteps(database.db, [step], 'down', { allowDataLoss: true });
    expect(await ttlNow()).toBe(day);
  });

  it('is no loss on the way down of createIndexes', async () => {
    const create = createIndexes('posts', [ttl(day)]);
    await runSteps(database.db, [create], 'up', { allowDataLoss: true });
    await runSteps(database.db, [create], 'down');
  });

  it('is counted again right before the command', async () => {
    await posts().deleteMany({});
    let commands = 0;
    // The empty collMod comes first, the index build second: the document comes between the first count and the second.
    const guard = async () => {
      if (++commands === 1) await posts().insertOne({ _id: 'late', at: old() });
    };
    await expect(runSteps(database.db, [createIndexes('posts', [ttl(day)])], 'up', { guard })).rejects.toMatchObject(
      refused,
    );
    expect(await posts().indexes()).toHaveLength(1);
  });

  it('stops a migration before its first change, but not for dates that an earlier step of it corrects', async () => {
    const index = createIndexes('posts', [{ name: 'kind_1', key: { kind: 1 }, serves: 'a test' }]);
    const note = backfill('notes', { filter: { a: 1 }, update: { $set: { a: 2 } } });
    await expect(runSteps(database.db, [index, note, createIndexes('posts', [ttl(day)])])).rejects.toMatchObject(
      refused,
    );
    expect(await posts().indexes()).toHaveLength(1);
    const correct = backfill('posts', {
      filter: { at: { $type: 'date', $lt: new Date(now() - day * 1000) } },
      update: [{ $set: { at: '$$NOW' } }],
    });
    await runSteps(database.db, [correct, createIndexes('posts', [ttl(day)])]);
    expect(await ttlNow()).toBe(day);
  });
});

describe('Values of fields', () => {
  const drop = dropField('posts', 'legacy', { reason: 'nothing reads it' });
  const told = (message: string) => ({ ...refused, message: expect.stringContaining(message) as string });
  beforeEach(() => posts().insertMany([{ _id: 1, legacy: 1 }, { _id: 2, legacy: null }, { _id: 3 }]));

  it('are not dropped unless that is said, and null is one', async () => {
    await expect(runSteps(database.db, [drop])).rejects.toMatchObject(
      told('2 documents would lose the value of legacy'),
    );
    expect(await posts().countDocuments({ legacy: { $exists: true } })).toBe(2);
    await runSteps(database.db, [drop], 'up', { allowDataLoss: true });
    await runSteps(database.db, [drop]);
  });

  it.each([
    ['an update', { $unset: { legacy: '' } }],
    ['a pipeline', [{ $unset: ['legacy', 'other'] }]],
    ['a pipeline of one field', [{ $unset: 'legacy' }]],
  ])('are not unset by %s of a backfill, of which only those count that its filter matches', async (_title, update) => {
    const step = backfill('posts', { filter: { legacy: 1 }, update });
    await expect(runSteps(database.db, [step])).rejects.toMatchObject(told('1 document would lose'));
    await posts().updateOne({ _id: 1 }, { $set: { legacy: 2 } });
    await runSteps(database.db, [step]);
  });

  const language = (update: Document | Document[]) =>
    backfill('posts', {
      filter: { language: { $exists: false } },
      update,
      undo: { filter: { language: { $exists: true } }, update: { $unset: { language: '' } } },
    });
  it.each<[string, Step]>([
    ['a literal', language({ $set: { language: 'en' } })],
    ['an expression', language([{ $set: { language: { $concat: ['e', 'n'] } } }])],
  ])('that a backfill has set to %s are its own: going down takes them, and no other', async (_title, step) => {
    await runSteps(database.db, [step]);
    await posts().insertOne({ _id: 4, language: 'ja' });
    await expect(runSteps(database.db, [step], 'down')).rejects.toMatchObject(told('1 document would lose'));
    expect(await posts().countDocuments({ language: { $exists: true } })).toBe(4);
    await posts().deleteOne({ _id: 4 });
    await runSteps(database.db, [step], 'down');
    expect(await posts().countDocuments({ language: { $exists: true } })).toBe(0);
  });

  it('that come after the count are kept', async () => {
    await posts().updateMany({}, { $unset: { legacy: '' } });
    let isWritten = false;
    const guard = async () => {
      if (isWritten) return;
      isWritten = true;
      await posts().insertOne({ _id: 5, legacy: 'new', open: true });
    };
    const step = backfill('posts', {
      filter: { open: { $exists: false } },
      update: { $set: { open: false }, $unset: { legacy: '' } },
    });
    const other = backfill('posts', {
      filter: { open: true },
      update: { $set: { open: false }, $unset: { legacy: '' } },
    });
    await runSteps(database.db, [step], 'up', { guard });
    expect(await posts().findOne({ _id: 5 })).toMatchObject({ legacy: 'new', open: true });
    await expect(runSteps(database.db, [other])).rejects.toMatchObject(refused);
  });
});

describe('Reference documents', () => {
  const rows = insertDocuments('posts', [
    { _id: 1, name: 'a' },
    { _id: 2, name: 'b' },
  ]);

  it('that nobody edited go down with their migration, and those that people edited stay', async () => {
    await runSteps(database.db, [createCollections('posts'), rows]);
    await posts().updateOne({ _id: 2 }, { $set: { name: 'ours' } });
    expect(await runSteps(database.db, [rows], 'down')).toEqual(['kept', 'done']);
    expect(await posts().find().toArray()).toEqual([{ _id: 2, name: 'ours' }]);
  });

  it('that people edited are documents to lose when their collection is dropped', async () => {
    const all = [createCollections('posts'), rows];
    await runSteps(database.db, all);
    await posts().updateOne({ _id: 2 }, { $set: { name: 'ours' } });
    await expect(runSteps(database.db, all, 'down')).rejects.toMatchObject(refused);
    expect(await posts().countDocuments()).toBe(2);
  });
});
