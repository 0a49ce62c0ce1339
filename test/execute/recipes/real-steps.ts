import { MongoClient, type Document } from 'mongodb';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  backfill,
  createIndexes,
  createCollections,
  dropField,
  irreversible,
  removeDuplicates,
  renameField,
  run,
  type Step,
} from '../../../src/migration';
import { useDatabase } from '../../support/database';
import { startProxy } from '../../support/proxy';
import { runSteps } from '../../support/run-steps';

/** A data step as projects have them, on the documents of one collection. */
interface Shape {
  readonly what: string;
  readonly before: readonly Document[];
  readonly steps: readonly Step[];
  readonly after: readonly Document[];
  /** What is there once it went down; it cannot unless given. */
  readonly undone?: readonly Document[];
}

const at = new Date('2026-01-02T03:04:05.000Z');

const shapes: readonly Shape[] = [
  {
    what: 'a default for a field that old documents lack',
    before: [{ _id: 1 }, { _id: 2, status: 'draft' }],
    steps: [
      backfill('posts', {
        filter: { status: { $exists: false } },
        update: { $set: { status: 'published' } },
        undo: { filter: { status: 'published' }, update: { $unset: { status: '' } } },
      }),
    ],
    after: [
      { _id: 1, status: 'published' },
      { _id: 2, status: 'draft' },
    ],
    undone: [{ _id: 1 }, { _id: 2, status: 'draft' }],
  },
  {
    what: 'a whole name that becomes two parts',
    before: [
      { _id: 1, name: 'Ada Lovelace' },
      { _id: 2, name: 'Plato' },
    ],
    steps: [
      backfill('posts', {
        filter: { first: { $exists: false } },
        update: [
          { $set: { parts: { $split: ['$name', ' '] } } },
          {
            $set: {
              first: { $first: '$parts' },
              last: { $cond: [{ $gt: [{ $size: '$parts' }, 1] }, { $last: '$parts' }, null] },
            },
          },
          { $unset: 'parts' },
        ],
        undo: { filter: { first: { $exists: true } }, update: [{ $unset: ['first', 'last'] }] },
      }),
    ],
    after: [
      { _id: 1, name: 'Ada Lovelace', first: 'Ada', last: 'Lovelace' },
      { _id: 2, name: 'Plato', first: 'Plato', last: null },
    ],
  },
  {
    what: 'an amount in another unit, in a field of its own',
    before: [{ _id: 1, price: 9.9 }, { _id: 2 }],
    steps: [
      backfill('posts', {
        filter: { price: { $exists: true }, cents: { $exists: false } },
        update: [{ $set: { cents: { $toInt: { $round: { $multiply: ['$price', 100] } } } } }],
      }),
    ],
    after: [{ _id: 1, price: 9.9, cents: 990 }, { _id: 2 }],
  },
  {
    what: 'an amount in another unit, in the same field',
    before: [{ _id: 1, price: 2 }, { _id: 2, price: 200 }, { _id: 3 }],
    steps: [
      backfill('posts', {
        filter: { price: { $exists: true } },
        update: { $mul: { price: 100 } },
        once: true,
        undo: { filter: { price: { $exists: true } }, update: { $mul: { price: 0.01 } } },
      }),
    ],
    after: [{ _id: 1, price: 200 }, { _id: 2, price: 20_000 }, { _id: 3 }],
    undone: [{ _id: 1, price: 2 }, { _id: 2, price: 200 }, { _id: 3 }],
  },
  {
    what: 'dates that were stored as text',
    before: [
      { _id: 1, at: at.toISOString() },
      { _id: 2, at },
    ],
    steps: [
      backfill('posts', {
        filter: { at: { $type: 'string' } },
        update: [{ $set: { at: { $toDate: '$at' } } }],
        undo: irreversible('both are read'),
      }),
    ],
    after: [
      { _id: 1, at },
      { _id: 2, at },
    ],
  },
  {
    what: 'values of an enumeration that get other names',
    before: [
      { _id: 1, status: 'A' },
      { _id: 2, status: 'I' },
      { _id: 3, status: 'active' },
    ],
    steps: [
      backfill('posts', {
        filter: { status: { $in: ['A', 'I'] } },
        update: [{ $set: { status: { $cond: [{ $eq: ['$status', 'A'] }, 'active', 'inactive'] } } }],
      }),
    ],
    after: [
      { _id: 1, status: 'active' },
      { _id: 2, status: 'inactive' },
      { _id: 3, status: 'active' },
    ],
  },
  {
    what: 'one value that becomes a list',
    before: [
      { _id: 1, tag: 'a' },
      { _id: 2, tags: ['b'] },
    ],
    steps: [
      backfill('posts', {
        filter: { tag: { $exists: true } },
        update: [{ $set: { tags: { $setUnion: [{ $ifNull: ['$tags', []] }, ['$tag']] } } }, { $unset: 'tag' }],
        undo: irreversible('a list may hold more'),
      }),
    ],
    after: [
      { _id: 1, tags: ['a'] },
      { _id: 2, tags: ['b'] },
    ],
  },
  {
    what: 'a field with another name',
    before: [
      { _id: 1, lang: 'en' },
      { _id: 2, language: 'de' },
    ],
    steps: [renameField('posts', 'lang', 'language', { undeclared: true })],
    after: [
      { _id: 1, language: 'en' },
      { _id: 2, language: 'de' },
    ],
    undone: [
      { _id: 1, lang: 'en' },
      { _id: 2, lang: 'de' },
    ],
  },
  {
    what: 'a field that nothing reads, in each element of a list',
    before: [{ _id: 1, comments: [{ text: 'a', ip: '::1' }, { text: 'b' }] }, { _id: 2 }],
    steps: [dropField('posts', 'comments.ip', { reason: 'personal data', undeclared: true })],
    after: [{ _id: 1, comments: [{ text: 'a' }, { text: 'b' }] }, { _id: 2 }],
  },
  {
    what: 'duplicates that a unique index would refuse',
    before: [
      { _id: 1, slug: 'a', at: 1 },
      { _id: 2, slug: 'a', at: 2 },
      { _id: 3, slug: 'b', at: 1 },
    ],
    steps: [
      createCollections('removed_posts'),
      removeDuplicates('posts', { key: ['slug'], keep: { newest: 'at' }, reason: 'one post a slug' }),
      createIndexes('posts', [{ name: 'slug_1', key: { slug: 1 }, unique: true, serves: 'a post by its slug' }]),
    ],
    after: [
      { _id: 2, slug: 'a', at: 2 },
      { _id: 3, slug: 'b', at: 1 },
    ],
  },
  {
    what: 'a counter from another collection',
    before: [{ _id: 1 }, { _id: 2 }],
    steps: [
      run('count the comments of each post', {
        isDone: async (db) => (await db.collection('posts').countDocuments({ comments: { $exists: false } })) === 0,
        run: async ({ db, guard }) => {
          await guard();
          await db
            .collection('posts')
            .aggregate([
              { $lookup: { from: 'comments', localField: '_id', foreignField: 'post', as: 'found' } },
              { $project: { comments: { $size: '$found' } } },
              { $merge: { into: 'posts', whenMatched: 'merge', whenNotMatched: 'discard' } },
            ])
            .toArray();
        },
        undo: 'nothing to undo',
        writes: ['posts'],
      }),
    ],
    after: [
      { _id: 1, comments: 2 },
      { _id: 2, comments: 0 },
    ],
  },
];

/** To be called in a file: each step as it is meant to run, and, with `losses`, with its connection lost around each write. */
export function testRealSteps({ losses }: { readonly losses: boolean }): void {
  const database = useDatabase();
  const posts = () => database.db.collection('posts');
  const all = () => posts().find().sort({ _id: 1 }).toArray();

  describe.each(shapes)('A data step as projects have them: $what', ({ before, steps, after, undone }) => {
    const prepare = async () => {
      await database.db.dropDatabase();
      await posts().insertMany(before.map((document) => ({ ...document })));
      await database.db.collection('comments').insertMany([{ post: 1 }, { post: 1 }, { post: 7 }]);
    };
    beforeEach(prepare);

    it('leads where it should, once and twice, and back', async () => {
      await runSteps(database.db, steps, 'up', { allowDataLoss: true });
      expect(await all()).toEqual(after);
      await runSteps(database.db, steps, 'up', { allowDataLoss: true });
      expect(await all()).toEqual(after);
      if (!undone) return;
      await runSteps(database.db, steps, 'down', { allowDataLoss: true });
      expect(await all()).toEqual(undone);
    });

    if (!losses) return;
    it('survives the loss of its connection before and after each write', async () => {
      let [sent, lost] = [0, 0];
      const writes = ['update', 'delete', 'insert', 'commitTransaction', 'aggregate'];
      const proxy = await startProxy(database.url, ({ name }) => {
        if (!writes.includes(name)) return undefined;
        const which = ++sent;
        if (which === lost) return { cut: 'reply' };
        return which === lost + 1 ? { cut: 'before' } : undefined;
      });
      const client = new MongoClient(proxy.url, { retryWrites: false, retryReads: false });
      try {
        for (const first of [1, 2, 4]) {
          await prepare();
          [sent, lost] = [0, first];
          for (let tries = 0; tries < 3; tries++) {
            await runSteps(client.db(database.name), steps, 'up', { allowDataLoss: true }).catch(() => undefined);
          }
          expect(await all(), `write ${first}`).toEqual(after);
        }
      } finally {
        await client.close();
        await proxy.close();
      }
    });
  });
}
