import { Decimal128, ObjectId, type Document } from 'mongodb';
import { beforeEach, describe, expect, it } from 'vitest';
import { addValidator, changeView, createCollections, createView, dropView, migration } from '../../src/migration';
import type { Step, ViewDefinition } from '../../src/migration';
import { runMigration } from '../../src/execute';
import { readSchema } from '../../src/database';
import { german } from '../support/collations';
import { useDatabase } from '../support/database';
import { sessionOn } from '../support/migrations';

const database = useDatabase();
beforeEach(async () => {
  await database.db.dropDatabase();
  await database.db.createCollection('orders');
});

const run = async (direction: 'up' | 'down', ...steps: Step[]) => {
  const { changes } = await runMigration(
    await sessionOn(database.db),
    migration('20260101000000-views.ts', ...steps),
    direction,
  );
  return changes.map(({ outcome }) => outcome);
};
const viewOf = async (name: string) => (await readSchema(database.db)).schema[name]?.view;
const optionsOf = async (name: string): Promise<Document | undefined> => {
  const [found] = await database.db.listCollections({ name }, { nameOnly: false }).toArray();
  return (found as Document | undefined)?.['options'] as Document | undefined;
};

const open: ViewDefinition = { on: 'orders', pipeline: [{ $match: { status: 'open' } }] };
const paid: ViewDefinition = {
  on: 'orders',
  pipeline: [{ $match: { status: 'paid' } }, { $sort: { paid: -1, at: 1 } }],
};

describe('A view', () => {
  it('is made, changed and dropped, up and down, and each again without a write', async () => {
    const create = createView('open_orders', open);
    const alter = changeView('open_orders', { from: open, to: paid });
    const drop = dropView('open_orders', paid);
    for (const [step, after, before] of [
      [create, open, undefined],
      [alter, paid, open],
      [drop, undefined, paid],
    ] as const) {
      const shown = (view: ViewDefinition | undefined) => view && { viewOn: view.on, pipeline: view.pipeline };
      expect(await run('up', step)).toEqual(['done']);
      expect(await viewOf('open_orders')).toEqual(shown(after));
      expect(await run('up', step)).toEqual(['already']);
      expect(await run('down', step)).toEqual(['done']);
      expect(await viewOf('open_orders')).toEqual(shown(before));
      expect(await run('down', step)).toEqual(['already']);
      await run('up', step);
    }
  });

  it('shows what it was told to show, with dates, ids and decimals', async () => {
    const owner = new ObjectId();
    const orders = database.db.collection('orders');
    await orders.insertMany([
      { at: new Date('2026-02-01'), owner, price: Decimal128.fromString('9.90') },
      { at: new Date('2025-01-01'), owner, price: Decimal128.fromString('9.90') },
      { at: new Date('2026-02-01'), owner, price: Decimal128.fromString('0.10') },
      { at: new Date('2026-02-01'), owner: new ObjectId(), price: Decimal128.fromString('9.90') },
    ]);
    const pipeline = [
      { $match: { at: { $gte: new Date('2026-01-01') }, owner, price: { $gt: Decimal128.fromString('1') } } },
    ];
    await run('up', createView('mine', { on: 'orders', pipeline }));
    expect(await database.db.collection('mine').countDocuments()).toBe(1);
    expect((await optionsOf('mine'))?.['pipeline']).toEqual(pipeline);
    expect(await run('up', createView('mine', { on: 'orders', pipeline }))).toEqual(['already']);
  });

  it('has its collation as the server completes it, though it was made by hand with less', async () => {
    await database.db.createCollection('sorted', {
      viewOn: 'orders',
      pipeline: [],
      collation: { locale: 'de', strength: 2 },
    });
    const sorted = { on: 'orders', pipeline: [], collation: german };
    expect(await run('up', createView('sorted', sorted))).toEqual(['already']);
    expect(await run('up', dropView('sorted', sorted))).toEqual(['done']);
    expect(await run('down', dropView('sorted', sorted))).toEqual(['done']);
    expect(await run('up', createView('sorted', sorted))).toEqual(['already']);
  });

  it('goes without a question of lost documents, and its documents stay', async () => {
    await database.db.collection('orders').insertOne({ status: 'open' });
    await run('up', createView('open_orders', open));
    expect(await database.db.collection('open_orders').countDocuments()).toBe(1);
    expect(await run('down', createView('open_orders', open))).toEqual(['done']);
    expect(await database.db.collection('orders').countDocuments()).toBe(1);
  });

  it('comes with its collection, and goes with it, also in a chain', async () => {
    const steps = [
      createCollections('customers', 'invoices'),
      createView('named', { on: 'customers', pipeline: [{ $match: { name: { $ne: null } } }] }),
      createView('owing', {
        on: 'named',
        pipeline: [{ $lookup: { from: 'invoices', localField: '_id', foreignField: 'customer', as: 'owed' } }],
      }),
      addValidator('customers', { name: { $type: 'string' } }),
    ];
    expect(await run('up', ...steps)).toEqual(['done', 'done', 'done', 'done', 'done']);
    expect(await run('down', ...steps)).toEqual(['done', 'done', 'done', 'done', 'done']);
    expect(Object.keys((await readSchema(database.db)).schema)).toEqual(['orders']);
  });

  it('takes over the name of a collection that is dropped in the same migration, and gives it back', async () => {
    await database.db.createCollection('drafts');
    const drop = {
      describe: ['drop'],
      changes: [{ kind: 'collection', place: { collection: 'drafts' }, from: {} }],
    } as const;
    const steps = [drop, createView('drafts', open)];
    expect(await run('up', ...steps)).toEqual(['done', 'done']);
    expect(await viewOf('drafts')).toEqual({ viewOn: 'orders', pipeline: open.pipeline });
    expect(await run('up', ...steps)).toEqual(['already', 'already']);
    expect(await run('down', ...steps)).toEqual(['done', 'done']);
    expect((await readSchema(database.db)).schema['drafts']?.options).toEqual({});
  });

  it('is in nobody’s way when several are turned around', async () => {
    const [a, b] = [(on: string) => ({ on, pipeline: [] }), (on: string) => ({ on, pipeline: [] })];
    await run('up', createView('b', b('orders')), createView('a', a('b')));
    const turn = [
      changeView('a', { from: a('b'), to: a('orders') }),
      changeView('b', { from: b('orders'), to: b('a') }),
    ];
    expect(await run('up', ...turn)).toEqual(['done', 'done']);
    expect(await run('down', ...turn)).toEqual(['done', 'done']);
    expect((await viewOf('a'))?.viewOn).toBe('b');
  });
});
