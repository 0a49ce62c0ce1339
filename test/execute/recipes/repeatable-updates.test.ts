import type { ObjectId } from 'mongodb';
import { Int32, type Document } from 'mongodb';
import { beforeEach, describe, expect, it } from 'vitest';
import { backfill, irreversible, run, type BackfillDefinition } from '../../../src/migration';
import { useDatabase } from '../../support/database';
import { errorWith } from '../../support/error-with';
import { outcomeOf, runSteps } from '../../support/run-steps';

const database = useDatabase();
const products = () => database.db.collection('products');
const all = () => products().find().sort({ _id: 1 }).toArray();

beforeEach(async () => {
  await database.db.dropDatabase();
  // The first and the last have nothing that the updates below would change twice.
  await products().insertMany([
    { _id: 1 as unknown as ObjectId, name: 'First', price: 0, stock: 0, tags: [] },
    ...Array.from({ length: 30 }, (_, at) => ({
      _id: (at + 2) as unknown as ObjectId,
      name: `Product ${at}`,
      price: at + 1,
      stock: 1,
      tags: ['new'],
      versions: [{ price: at }],
    })),
    { _id: 99 as unknown as ObjectId, name: 'Last', price: 0, stock: 0, tags: [] },
  ]);
});

interface Update {
  readonly filter: Document;
  readonly update: Document | Document[];
}

const diverging: readonly [string, Update][] = [
  [
    'multiplies',
    { filter: { price: { $exists: true } }, update: [{ $set: { price: { $multiply: ['$price', 100] } } }] },
  ],
  ['appends to a text', { filter: {}, update: [{ $set: { name: { $concat: ['$name', '!'] } } }] }],
  ['appends to an array', { filter: {}, update: [{ $set: { tags: { $concatArrays: ['$tags', ['x']] } } }] }],
  [
    'changes those in the middle alone',
    {
      filter: {},
      update: [
        { $set: { price: { $cond: [{ $in: ['$_id', [15, 16, 17, 18]] }, { $add: ['$price', 1] }, '$price'] } } },
      ],
    },
  ],
  ['sets the time of the server', { filter: { stock: 1 }, update: [{ $set: { seen: '$$NOW' } }] }],
  ['sets chance', { filter: {}, update: [{ $set: { chance: { $rand: {} } } }] }],
  ['replaces the root', { filter: {}, update: [{ $replaceWith: { _id: '$_id', inner: '$$ROOT' } }] }],
  [
    'changes every element',
    { filter: {}, update: [{ $set: { 'versions.price': { $add: ['$price', 1] }, price: { $add: ['$price', 1] } } }] },
  ],
  ['uses $inc', { filter: {}, update: { $inc: { stock: 1 } } }],
  ['uses $mul', { filter: { price: { $gt: 0 } }, update: { $mul: { price: 100 } } }],
  ['uses $push', { filter: { stock: 1 }, update: { $push: { tags: 'x' } } }],
  ['uses $pop', { filter: { stock: 1 }, update: { $set: { seen: true }, $pop: { tags: 1 } } }],
  ['uses $bit', { filter: {}, update: { $bit: { stock: { xor: new Int32(1) } } } }],
  ['uses $currentDate', { filter: {}, update: { $currentDate: { seen: true } } }],
];

const converging: readonly [string, Update, updated: number][] = [
  ['sets a constant everywhere', { filter: {}, update: { $set: { currency: 'EUR' } } }, 32],
  ['sets a constant that some have', { filter: {}, update: { $set: { price: 0 } } }, 30],
  ['sets a number of another type', { filter: {}, update: [{ $set: { price: { $toDouble: '$price' } } }] }, 32],
  ['sets a constant in a part', { filter: {}, update: { $set: { 'shop.name': 'a' } } }, 32],
  ['sets and removes', { filter: {}, update: { $set: { a: [1] }, $unset: { stock: '' } } }, 32],
  ['computes from another field', { filter: {}, update: [{ $set: { slug: { $toLower: '$name' } } }] }, 32],
  ['computes the same again', { filter: {}, update: [{ $set: { name: { $toLower: '$name' } } }] }, 32],
  ['removes through an array', { filter: {}, update: [{ $unset: 'versions.price' }] }, 30],
  [
    'leaves out what it has changed',
    { filter: { cents: { $exists: false } }, update: [{ $set: { cents: { $multiply: ['$price', 100] } } }] },
    32,
  ],
  ['sets the time, and leaves out what has one', { filter: { seen: null }, update: [{ $set: { seen: '$$NOW' } }] }, 32],
  ['uses $inc, and leaves out what it has changed', { filter: { stock: 1 }, update: { $inc: { stock: 1 } } }, 30],
  [
    'uses $push, and leaves out what it has changed',
    { filter: { tags: { $ne: 'x' } }, update: { $push: { tags: 'x' } } },
    32,
  ],
  ['uses $addToSet', { filter: {}, update: { $addToSet: { tags: 'x' } } }, 32],
  ['uses $max', { filter: {}, update: { $max: { price: 5 } } }, 6],
  ['uses $pull', { filter: {}, update: { $pull: { tags: 'new' } } }, 30],
  ['uses $rename', { filter: {}, update: { $rename: { name: 'title' } } }, 32],
];

describe('An update that changes documents again when it runs again', () => {
  it.each(diverging)('is refused before it writes: it %s', async (_what, update) => {
    const before = await all();
    const refused = runSteps(database.db, [backfill('products', { ...(update as BackfillDefinition), batchSize: 5 })]);
    await expect(refused).rejects.toThrow(errorWith({ code: 'NOT_REPEATABLE', fix: '`once: true`' }));
    expect(await all()).toEqual(before);
  });

  it('is refused in a step of its own making as well', async () => {
    const before = await all();
    const step = run('dearer', {
      isDone: () => Promise.resolve(false),
      run: ({ updateInBatches }) => updateInBatches('products', { filter: {}, update: { $inc: { price: 1 } } }),
      undo: 'nothing to undo',
    });
    await expect(runSteps(database.db, [step])).rejects.toThrow(errorWith({ code: 'NOT_REPEATABLE' }));
    expect(await all()).toEqual(before);
  });

  it('is refused on the way down as well', async () => {
    const undo = { filter: { cents: { $exists: true } }, update: { $inc: { cents: 1 } } };
    const step = backfill('products', { filter: { cents: { $exists: false } }, update: { $set: { cents: 1 } }, undo });
    await runSteps(database.db, [step]);
    await expect(runSteps(database.db, [step], 'down')).rejects.toThrow(errorWith({ code: 'NOT_REPEATABLE' }));
    expect(await products().countDocuments({ cents: 1 })).toBe(32);
  });
});

describe('An update that may run again', () => {
  it.each(converging)('is made, and then there is nothing to do: it %s', async (_what, update, updated) => {
    const step = backfill('products', { ...(update as BackfillDefinition), batchSize: 5 });
    const { data } = await outcomeOf(database.db, [step], 'up', { allowDataLoss: true });
    expect(data).toMatchObject([{ updated, writes: ['products'] }]);
    const after = await all();
    expect((await outcomeOf(database.db, [step], 'up', { allowDataLoss: true })).data).toMatchObject([{ updated: 0 }]);
    expect(await all()).toEqual(after);
  });
});

describe('On a standalone server', () => {
  const standalone = { isReplicaSet: false };
  const reads = diverging.filter(([, { update }]) => Array.isArray(update));

  it.each(reads)('an update is refused by what reading tells: it %s', async (_what, update) => {
    const before = await all();
    const refused = runSteps(
      database.db,
      [backfill('products', { ...(update as BackfillDefinition), batchSize: 5 })],
      'up',
      standalone,
    );
    await expect(refused).rejects.toThrow(errorWith({ code: 'NOT_REPEATABLE' }));
    expect(await all()).toEqual(before);
  });

  it('an update whose operators need a transaction to be tried is refused, whatever its filter', async () => {
    const step = backfill('products', { filter: { stock: 1 }, update: { $inc: { stock: 1 } } });
    await expect(runSteps(database.db, [step], 'up', standalone)).rejects.toThrow(
      errorWith({ code: 'NOT_REPEATABLE', why: '$inc can only be tested in a transaction' }),
    );
    expect(await products().countDocuments({ stock: 1 })).toBe(30);
  });

  it('`once` is refused', async () => {
    const definition = { filter: {}, update: { $inc: { stock: 1 } }, undo: irreversible('a test'), once: true };
    const refused = runSteps(database.db, [backfill('products', definition)], 'up', standalone);
    await expect(refused).rejects.toThrow(
      errorWith({ code: 'NOT_REPEATABLE', why: 'a standalone server does not support transactions' }),
    );
    expect(await products().countDocuments({ stock: 1 })).toBe(30);
  });
});

describe('A definition that cannot be carried out', () => {
  const valid = { filter: {}, update: { $set: { a: 1 } } };
  it.each<[string, object, string]>([
    ['a filter', { ...valid, filter: undefined }, '`filter`'],
    ['a whole document', { ...valid, update: { a: 1 } }, '`update`'],
    ['no stages', { ...valid, update: [] }, '`update`'],
    ['a batch of none', { ...valid, batchSize: 0 }, '`batchSize`'],
    ['a batch of NaN', { ...valid, batchSize: Number.NaN }, '`batchSize`'],
    ['a pause before now', { ...valid, pause: -1 }, '`pause`'],
    ['an undo without an update', { ...valid, undo: { filter: {} } }, '`undo`'],
    ['`once` without an undo', { ...valid, once: true }, '`once` needs an `undo`'],
  ])('is refused when the file is loaded: %s', (_what, definition, why) => {
    const make = () => backfill('products', definition as BackfillDefinition);
    expect(make).toThrow(errorWith({ code: 'MIGRATION', why }));
  });
});

describe('A document that cannot be updated', () => {
  const named = async (definition: BackfillDefinition, options = {}) => {
    const error = await runSteps(database.db, [backfill('products', definition)], 'up', options).then(
      () => expect.fail('nothing was refused'),
      (cause: unknown) => cause as { summary: string; why: string[]; about?: object },
    );
    return { ...error, said: error.why.join('\n') };
  };
  /** Past those that are tried first. */
  const id = 17 as unknown as ObjectId;
  const priced = {
    filter: { cents: { $exists: false } },
    update: [{ $set: { cents: { $toInt: '$price' } } }],
    batchSize: 8,
  };

  it('is named: the conversion fails', async () => {
    await products().updateOne({ _id: id }, { $set: { price: 'cheap' } });
    const error = await named(priced);
    expect(error.said).toContain('the document with _id 17 of products');
    expect(error.summary).toBe('Cannot update a document of products: ConversionFailure');
    expect(error.about).toEqual({ kind: 'collection', collection: 'products' });
    // A look at a pipeline comes before its first write.
    expect(await products().countDocuments({ cents: { $exists: true } })).toBe(0);
  });

  it('is named, when its shape does not take the update; what came before it is done', async () => {
    const shop = { filter: { 'shop.name': { $ne: 'a' } }, update: { $set: { 'shop.name': 'a' } }, batchSize: 8 };
    await products().updateOne({ _id: id }, { $set: { shop: 'closed' } });
    const { said, summary } = await named(shop);
    expect(said).toContain('the document with _id 17 of products');
    expect(summary).toBe('Cannot update a document of products: PathNotViable');
    expect(await products().countDocuments({ 'shop.name': 'a' })).toBe(16);
    await products().updateOne({ _id: id }, { $unset: { shop: '' } });
    const { data } = await outcomeOf(database.db, [backfill('products', shop)]);
    expect(data).toMatchObject([{ updated: 16 + 16 }]);
  });

  it('is named, with the rule of the validator', async () => {
    await products().updateOne({ _id: id }, { $set: { price: 1000 } });
    await database.db.command({
      collMod: 'products',
      validator: { $jsonSchema: { properties: { cents: { maximum: 100 } } } },
    });
    const { said, summary } = await named(priced);
    expect(said).toContain('the document with _id 17 of products');
    expect(said).toContain('cents');
    expect(said).toContain('maximum');
    expect(summary).not.toContain('17');
  });

  it('is named, with the unique index', async () => {
    await products().updateOne({ _id: id }, { $set: { price: 3 } });
    await database.db.createIndex('products', { cents: 1 }, { unique: true, sparse: true });
    await products().deleteMany({ price: 0 });
    const { said, about } = await named(priced);
    expect(said).toContain('the document with _id 17 of products');
    expect(about).toEqual({ kind: 'index', collection: 'products', index: 'cents_1' });
  });

  it('is named, when it grows beyond what a document can hold', async () => {
    await products().updateOne({ _id: id }, { $set: { text: 'x'.repeat(9_000_000) } });
    const twice = { filter: { copy: { $exists: false } }, update: [{ $set: { copy: '$text' } }] };
    const { said } = await named({ ...twice, filter: { ...twice.filter, text: { $exists: true } } });
    expect(said).toContain('the document with _id 17 of products');
  });

  it('is named by `once` too, which then has updated whole batches only', async () => {
    await products().updateOne({ _id: id }, { $set: { price: 'cheap' } });
    const { said } = await named({ ...priced, once: true, undo: irreversible('a test') });
    expect(said).toContain('the document with _id 17 of products');
    expect(await products().countDocuments({ cents: { $exists: true } })).toBe(16);
  });
});
