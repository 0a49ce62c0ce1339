/** Twenty migrations as projects of migrate-mongo have them: by what they do, their text. */
const texts: Readonly<Record<string, string>> = {
  create_users: `module.exports = {
    async up(db) {
      await db.createCollection('users');
      await db.collection('users').createIndex({ email: 1 }, { unique: true });
    },
    async down(db) { await db.collection('users').drop(); },
  };`,
  create_products: `module.exports = {
    async up(db, client) {
      await client.db(db.databaseName).createCollection('products', {
        validator: { $jsonSchema: { bsonType: 'object', required: ['name'], properties: { name: { bsonType: 'string' } } } },
      });
    },
    async down(db) { await db.dropCollection('products'); },
  };`,
  seed_products: `const { ObjectId } = require('mongodb');
  const products = ['tea', 'salt', 'rice'].map((name, at) => ({ _id: new ObjectId('6500000000000000000000a' + at), name, price: 5 + at }));
  exports.up = (db) => db.collection('products').insertMany(products);
  exports.down = (db) => db.collection('products').deleteMany({ _id: { $in: products.map(({ _id }) => _id) } });`,
  seed_users: `module.exports.up = async function (db) {
    await db.collection('users').insertMany([
      { _id: 1, email: 'ann@example.com', name: 'Ann Lee', legacy: true },
      { _id: 2, email: 'bob@example.com', name: 'Bob Ray', legacy: false },
    ]);
  };
  module.exports.down = async function (db) { await db.collection('users').deleteMany({ _id: { $in: [1, 2] } }); };`,
  add_status: `module.exports = {
    up: async (db) => { await db.collection('users').updateMany({ status: { $exists: false } }, { $set: { status: 'active' } }); },
    down: async (db) => { await db.collection('users').updateMany({}, { $unset: { status: '' } }); },
  };`,
  split_name: `module.exports = {
    async up(db) {
      await db.collection('users').updateMany({}, [
        { $set: { first: { $arrayElemAt: [{ $split: ['$name', ' '] }, 0] }, last: { $arrayElemAt: [{ $split: ['$name', ' '] }, 1] } } },
      ]);
    },
    async down(db) { await db.collection('users').updateMany({}, { $unset: { first: '', last: '' } }); },
  };`,
  drop_legacy_flag: `module.exports = {
    async up(db) { await db.collection('users').updateMany({}, { $unset: { legacy: '' } }); },
    async down() {},
  };`,
  create_orders: `module.exports = {
    async up(db) {
      const orders = await db.createCollection('orders');
      await orders.createIndexes([{ key: { user_id: 1, day: -1 }, name: 'user_id_1_day_-1' }, { key: { status: 1 }, name: 'status_1' }]);
    },
    async down(db) { await db.dropCollection('orders'); },
  };`,
  seed_orders: `module.exports = {
    async up(db) {
      await db.collection('orders').bulkWrite([1, 2, 3].map((_id) => ({
        updateOne: { filter: { _id }, update: { $set: { user_id: 1 + (_id % 2), day: new Date(Date.UTC(2026, 0, _id)), total: _id * 10, lines: [{ n: 1 }] } }, upsert: true },
      })));
    },
    async down(db) { await db.collection('orders').deleteMany({}); },
  };`,
  rename_products: `module.exports = {
    async up(db) { await db.collection('products').rename('items'); },
    async down(db) { await db.collection('items').rename('products'); },
  };`,
  sum_totals: `module.exports = {
    async up(db) {
      await db.collection('orders').aggregate([{ $group: { _id: '$user_id', total: { $sum: '$total' } } }, { $merge: { into: 'totals' } }]).toArray();
    },
    async down(db) { await db.collection('totals').drop(); },
  };`,
  search_items: `module.exports = {
    async up(db) { await db.collection('items').createIndex({ name: 'text' }, { default_language: 'english' }); },
    async down(db) { await db.collection('items').dropIndex('name_text'); },
  };`,
  validate_items: `const before = { $jsonSchema: { bsonType: 'object', required: ['name'], properties: { name: { bsonType: 'string' } } } };
  module.exports = {
    async up(db) {
      await db.command({ collMod: 'items', validator: { $jsonSchema: { bsonType: 'object', required: ['name', 'price'] } }, validationLevel: 'moderate' });
    },
    async down(db) { await db.command({ collMod: 'items', validator: before, validationLevel: 'strict' }); },
  };`,
  lower_emails: `module.exports = {
    async up(db) {
      const writes = [];
      for await (const { _id, email } of db.collection('users').find({}, { projection: { email: 1 } })) {
        writes.push({ updateOne: { filter: { _id }, update: { $set: { login: email.split('@')[0] } } } });
      }
      if (writes.length > 0) await db.collection('users').bulkWrite(writes, { ordered: false });
    },
    async down(db) { await db.collection('users').updateMany({}, { $unset: { login: '' } }); },
  };`,
  move_credit: `module.exports = {
    async up(db, client) {
      const session = client.startSession();
      try {
        await session.withTransaction(async () => {
          await db.collection('users').updateOne({ _id: 1 }, { $set: { credit: 0 } }, { session });
          await db.collection('users').updateOne({ _id: 2 }, { $set: { credit: 7 } }, { session });
        });
      } finally {
        await session.endSession();
      }
    },
    async down(db) { await db.collection('users').updateMany({}, { $unset: { credit: '' } }); },
  };`,
  create_sessions: `module.exports = {
    up: (db) => db.collection('sessions').createIndex({ seen_at: 1 }, { expireAfterSeconds: 86400 }),
    down: (db) => db.collection('sessions').drop(),
  };`,
  drop_status_index: `module.exports = {
    async up(db) { await db.collection('orders').dropIndex('status_1'); },
    async down(db) { await db.collection('orders').createIndex({ status: 1 }); },
  };`,
  active_users: `module.exports = {
    async up(db) { await db.createCollection('active_users', { viewOn: 'users', pipeline: [{ $match: { status: 'active' } }] }); },
    async down(db) { await db.dropCollection('active_users'); },
  };`,
  settings: `module.exports = {
    async up(db) {
      await db.collection('settings').findOneAndUpdate({ _id: 'shop' }, { $set: { currency: 'EUR' } }, { upsert: true, returnDocument: 'after' });
    },
    async down(db) { await db.collection('settings').deleteOne({ _id: 'shop' }); },
  };`,
  count_lines: `module.exports = {
    async up(db) {
      await db.collection('orders').updateMany({}, { $set: { 'lines.$[line].n': 2 } }, { arrayFilters: [{ 'line.n': 1 }] });
    },
  };`,
};

/** Their texts by the names of their files, which end in .js, in order. */
export const oldMigrations: readonly (readonly [name: string, text: string])[] = Object.entries(texts).map(
  ([what, text], at) => [`202401${String(at + 1).padStart(2, '0')}090000-${what}.js`, text],
);
