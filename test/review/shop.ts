import { ObjectId } from 'mongodb';
import {
  addValidator,
  changeTtl,
  changeValidator,
  changeView,
  createCollections,
  createIndexes,
  createView,
  dropIndexes,
  dropView,
  foldMigrations,
  hideIndex,
  insertDocuments,
  irreversible,
  makeUnique,
  migration,
  run,
  suppress,
  type Migration,
} from '../../src/migration';
import type { Schema } from '../../src/schema';
import { german } from '../support/collations';

const id = { bsonType: 'objectId' };
const before = {
  $jsonSchema: {
    bsonType: 'object',
    required: ['customer_id', 'lines', 'created_at'],
    properties: {
      _id: id,
      customer_id: id,
      coupon_ids: { bsonType: 'array', items: id, uniqueItems: true },
      status: { bsonType: 'string', enum: ['open', 'paid', 'sent'], description: 'Where it stands | as of now' },
      code: { bsonType: 'string', pattern: '^(A|B)[0-9]{3,}$', maxLength: 8 },
      lines: {
        bsonType: 'array',
        minItems: 1,
        maxItems: 100,
        items: {
          bsonType: 'object',
          required: ['sku', 'quantity'],
          properties: {
            sku: { bsonType: 'string', minLength: 1, maxLength: 40 },
            quantity: { bsonType: 'number', minimum: 1, multipleOf: 1, not: { bsonType: 'decimal' } },
          },
        },
      },
      note: { bsonType: ['string', 'null'], maxLength: 500 },
      created_at: { bsonType: 'date' },
    },
  },
  $expr: { $lte: ['$paid', '$total'] },
};
const after = {
  $jsonSchema: {
    ...before.$jsonSchema,
    required: ['customer_id', 'lines', 'created_at', 'status'],
    properties: {
      ...before.$jsonSchema.properties,
      status: { bsonType: 'string', enum: ['open', 'paid', 'returned'] },
      code: { bsonType: 'string', pattern: '^(A|B)[0-9]{3,}$', maxLength: 12 },
      note: { bsonType: 'string', maxLength: 500 },
      total: { bsonType: 'number', minimum: 0, exclusiveMinimum: true },
    },
  },
};

const openOrders = { on: 'orders', pipeline: [{ $match: { status: 'open' } }, { $sort: { created_at: -1, code: 1 } }] };
const byCustomer = {
  on: 'open_orders',
  pipeline: [
    {
      $group: {
        _id: '$customer_id',
        since: { $min: '$created_at' },
        late: { $max: { $lt: ['$created_at', new Date(0)] } },
      },
    },
  ],
};

/** A small project that uses every verb once, for what is written about projects. */
export const shop: readonly Migration[] = [
  migration(
    '20260101000000-collections.ts',
    createCollections('customers', 'orders', { name: 'events', capped: true, size: 1_048_576 }),
  ),
  migration(
    '20260102000000-indexes.ts',
    createIndexes('customers', [
      { name: 'email_1', key: { email: 1 }, serves: 'sign-in by email' },
      { name: 'name_text', key: { name: 'text' }, weights: { name: 3 }, serves: 'searching | by words' },
    ]),
    createIndexes('orders', [
      { name: 'customer_id_1', key: { customer_id: 1 }, serves: "a customer's orders" },
      { name: 'customer_id_1_created_at_-1', key: { customer_id: 1, created_at: -1 }, serves: 'the newest of them' },
      { name: 'created_at_1', key: { created_at: 1 }, expireAfterSeconds: 604_800, serves: 'removing old orders' },
      {
        name: 'code_1',
        key: { code: 1 },
        unique: true,
        partialFilterExpression: { code: { $exists: true } },
        collation: german,
        serves: 'one order per code',
      },
    ]),
    createIndexes('events', [{ name: 'until_1', key: { until: 1 }, serves: 'what is still open' }]),
  ),
  migration(
    '20260103000000-validators.ts',
    addValidator('orders', before),
    createView('open_orders', openOrders),
    createView('sorted_customers', { on: 'customers', pipeline: [], collation: german }),
  ),
  migration(
    '20260104000000-coupons.ts',
    createCollections('coupons'),
    insertDocuments('coupons', [{ _id: new ObjectId('00000000000000000000c0de'), name: 'welcome', percent: 10 }]),
    run('give everyone a coupon', {
      isDone: () => Promise.resolve(true),
      run: () => Promise.resolve(),
      undo: irreversible('coupons may be spent'),
    }),
  ),
  migration(
    '20260105000000-changes.ts',
    changeValidator('orders', {
      from: { validator: before },
      to: { validator: after, validationLevel: 'moderate', validationAction: 'warn' },
    }),
    changeTtl('orders', 'created_at_1', { from: 604_800, to: 7_776_000 }),
    makeUnique('customers', 'email_1'),
    hideIndex('orders', 'customer_id_1'),
    changeView('open_orders', {
      from: openOrders,
      to: {
        on: 'orders',
        pipeline: [{ $match: { status: { $in: ['open', 'paid'] } } }, ...openOrders.pipeline.slice(1)],
      },
    }),
    dropView('sorted_customers', { on: 'customers', pipeline: [], collation: german }),
    createView('by_customer', byCustomer),
    suppress(
      'SM001',
      'nobody reads events',
      dropIndexes('events', [{ name: 'until_1', key: { until: 1 }, serves: 'what is still open' }]),
    ),
    createIndexes('coupons', [
      { name: 'ends_at_1', key: { ends_at: 1 }, expireAfterSeconds: 0, serves: 'removing what has ended' },
    ]),
  ),
];

/** The shop's schema after so many migrations; all of them unless given. */
export function shopSchema(migrations = shop.length): Schema {
  return foldMigrations(shop.slice(0, migrations));
}

export const shopRelations = [
  { from: 'orders.customer_id', to: 'customers' },
  { from: 'orders.coupon_ids', to: 'coupons' },
  { from: 'orders.gone_id', to: 'gone' },
];
