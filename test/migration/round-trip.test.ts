import { ObjectId } from 'mongodb';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  addValidator,
  createCollections,
  createIndexes,
  insertDocuments,
  migration,
  type SchemaStep,
} from '../../src/migration';
import { runMigration } from '../../src/execute';
import { fold } from '../../src/schema';
import { useDatabase } from '../support/database';
import { liveSchema, sessionOn } from '../support/migrations';
import { german as collation } from '../support/collations';

const database = useDatabase();
beforeEach(() => database.db.dropDatabase());

const steps: readonly (readonly [title: string, step: SchemaStep])[] = [
  ['a capped collection of any size', createCollections({ name: 'a', capped: true, size: 300, max: 7 })],
  ['a collection with a collation', createCollections({ name: 'a', collation })],
  ['a collection with the simple collation', createCollections({ name: 'a', collation: { locale: 'simple' } })],
  [
    'a clustered collection with a name of its own',
    createCollections({ name: 'a', clusteredIndex: { key: { _id: 1 }, unique: true, name: 'by_id' } }),
  ],
  ['a collection with pre-images', createCollections({ name: 'a', changeStreamPreAndPostImages: { enabled: true } })],
  [
    'a validator with a date, an ObjectId, a regular expression and an operator named like one',
    addValidator('users', {
      at: { $gt: new Date('2026-01-01T00:00:00Z') },
      owner: new ObjectId('65f0c0ffee0123456789abcd'),
      tag: /^a/i,
      email: { $regex: '@', $options: 'i' },
    }),
  ],
  [
    'a partial filter with a date',
    createIndexes('users', [
      { name: 'a_1', key: { a: 1 }, serves: 'new ones', partialFilterExpression: { at: { $gte: new Date(0) } } },
    ]),
  ],
  [
    'an index with a collation, and one without in the same collection',
    createIndexes('users', [
      { name: 'a_1', key: { a: 1 }, serves: 'finding by a', collation },
      { name: 'b_1', key: { b: 1 }, serves: 'finding by b' },
    ]),
  ],
  [
    'text, wildcard, hashed and geographical indexes',
    createIndexes('users', [
      { name: 'p_text', key: { p: 1, z: 'text', b: 'text' }, weights: { z: 4, c: 2 }, serves: 'searching' },
      { name: '$**_1', key: { '$**': 1 }, wildcardProjection: { p: 0 }, serves: 'anything' },
      { name: '_id_hashed', key: { _id: 'hashed' }, serves: 'spreading' },
      { name: 'at_2dsphere', key: { at: '2dsphere' }, serves: 'what is near' },
    ]),
  ],
  [
    'reference documents with dates and ids of every kind',
    insertDocuments('users', [{ _id: 'text', at: new Date(0) }, { _id: 7 }, { _id: { a: new ObjectId() }, re: /x/ }]),
  ],
];

describe('What a migration makes is what the server shows:', () => {
  it.each(steps)('%s', async (_title, step) => {
    const session = await sessionOn(database.db);
    const base = migration('20260101000000-base.ts', createCollections('users'));
    const added = migration('20260102000000-added.ts', step);
    await runMigration(session, base, 'up');

    const first = await runMigration(session, added, 'up');
    expect(first.changes.map(({ outcome }) => outcome)).toEqual(added.changes.map(() => 'done'));
    expect(await liveSchema(database.db, [base, added])).toEqual(fold([...base.changes, ...added.changes]));

    const again = await runMigration(session, added, 'up');
    expect(again.changes.map(({ outcome }) => outcome)).toEqual(added.changes.map(() => 'already'));

    await runMigration(session, added, 'down');
    expect(await liveSchema(database.db, [base, added])).toEqual(fold(base.changes));
  });
});

describe('Going down over several collections', () => {
  const three = migration('20260101000000-three.ts', createCollections('a', 'b', 'c'));
  const names = async () =>
    (await database.db.listCollections({}, { nameOnly: true }).toArray()).map(({ name }) => name);

  it('drops none of them when some hold documents, and names each with their number', async () => {
    await runMigration(await sessionOn(database.db), three, 'up');
    await database.db.collection('a').insertOne({});
    await database.db.collection<{ x: number }>('c').insertMany([{ x: 1 }, { x: 2 }]);
    await expect(runMigration(await sessionOn(database.db), three, 'down')).rejects.toMatchObject({
      code: 'DATA_LOSS',
      why: ['the collection c holds 2 documents', 'the collection a holds 1 document'],
    });
    expect((await names()).sort()).toEqual(['a', 'b', 'c']);
  });

  it('takes reference documents that the migration inserted for no loss, and edited ones for one', async () => {
    const shipped = migration(
      '20260101000000-shipped.ts',
      createCollections('a', 'b'),
      insertDocuments('a', [{ _id: 1 }]),
    );
    await runMigration(await sessionOn(database.db), shipped, 'up');
    await database.db.collection<{ _id: number }>('a').updateOne({ _id: 1 }, { $set: { edited: true } });
    await expect(runMigration(await sessionOn(database.db), shipped, 'down')).rejects.toThrow(
      'the collection a holds 1 document',
    );
    await database.db.collection<{ _id: number }>('a').updateOne({ _id: 1 }, { $unset: { edited: 1 } });
    await runMigration(await sessionOn(database.db), shipped, 'down');
    expect(await names()).toEqual([]);
  });
});
