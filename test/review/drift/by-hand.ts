import { ObjectId, type Db } from 'mongodb';
import { encodeClosed, placeholderValidation, validationOf } from '../../../src/schema';

/** Something that a person does in mongosh, and what drift says to it: `severity kind: place`. */
export interface ManualChange {
  readonly title: string;
  readonly change: (db: Db) => Promise<unknown>;
  readonly findings: readonly string[];
  /** Undoes it where no command that is printed does. */
  readonly undo?: (db: Db) => Promise<unknown>;
}

const starter = new ObjectId('5e0000000000000000000001');
const collMod = (db: Db, collection: string, change: object) => db.command({ collMod: collection, ...change });
const index = (name: string, change: object) => ({ index: { name, ...change } });

/** Drops an index and builds another in its place. */
async function rebuild(db: Db, collection: string, name: string, key: Record<string, 1 | -1>, options = {}) {
  await db.collection(collection).dropIndex(name);
  await db.collection(collection).createIndex(key, { name, ...options }, {});
}

export const collectionsByHand: readonly ManualChange[] = [
  {
    title: 'a collection is dropped',
    change: (db) => db.collection('schedules').drop(),
    findings: ['drift collection missing: collection schedules'],
  },
  {
    title: 'a collection is made',
    change: (db) => db.collection('scratch').insertOne({ note: 'mine' }),
    undo: (db) => db.collection('scratch').drop(),
    findings: ['drift collection extra: collection scratch'],
  },
  {
    title: 'a collection is renamed',
    change: (db) => db.renameCollection('webhooks', 'hooks'),
    undo: (db) => db.renameCollection('hooks', 'webhooks'),
    findings: ['drift collection extra: collection hooks', 'drift collection missing: collection webhooks'],
  },
  {
    title: 'a collection is made capped',
    change: (db) => db.command({ convertToCapped: 'webhook_deliveries', size: 4096 }),
    undo: async (db) => {
      await db.collection('webhook_deliveries').drop();
      await db.createCollection('webhook_deliveries');
    },
    findings: [
      'drift options differ: options of collection webhook_deliveries',
      // The server leaves all but the documents behind.
      ...['created_at_1', 'status_1', 'user_id_1', 'webhook_id_1_created_at_1'].map(
        (name) => `drift index missing: index webhook_deliveries.${name}`,
      ),
    ],
  },
  {
    title: 'documents are kept before and after changes',
    change: (db) => collMod(db, 'users', { changeStreamPreAndPostImages: { enabled: true } }),
    findings: ['drift options differ: options of collection users'],
  },
  {
    title: 'a view is made',
    change: (db) =>
      db.createCollection('active_users', { viewOn: 'users', pipeline: [{ $match: { is_active: true } }] }),
    findings: ['drift view extra: view active_users'],
  },
  {
    title: 'a time series is made',
    change: (db) => db.createCollection('metrics', { timeseries: { timeField: 'at' } }),
    undo: (db) => db.collection('metrics').drop(),
    findings: ['notice not a collection: timeseries metrics'],
  },
  {
    title: 'a view stands where a collection was',
    change: async (db) => {
      await db.renameCollection('targets', 'old_targets');
      await db.createCollection('targets', { viewOn: 'old_targets', pipeline: [] });
    },
    undo: async (db) => {
      await db.collection('targets').drop();
      await db.renameCollection('old_targets', 'targets');
    },
    findings: ['drift collection extra: collection old_targets', 'drift collection missing: collection targets'],
  },
  {
    title: 'a drop is interrupted, which leaves a collection closed',
    change: async (db) => {
      const [info] = await db.listCollections({ name: 'webhooks' }, { nameOnly: false }).toArray();
      await collMod(db, 'webhooks', encodeClosed(validationOf(info?.options ?? {})));
    },
    findings: ['drift collection closed: collection webhooks'],
  },
  {
    title: 'a drop is interrupted, which leaves a collection closed under another name',
    change: async (db) => {
      const [info] = await db.listCollections({ name: 'users' }, { nameOnly: false }).toArray();
      await collMod(db, 'users', encodeClosed(validationOf(info?.options ?? {}), 'users'));
      await db.renameCollection('users', 'dropped_users');
    },
    findings: ['drift collection set aside: collection dropped_users'],
  },
  {
    title: 'a collection gets the name that a drop gives it',
    change: (db) => db.renameCollection('webhooks', 'dropped_webhooks'),
    findings: ['drift collection set aside: collection dropped_webhooks'],
  },
  {
    title: 'a name is kept taken',
    change: (db) => db.command({ create: 'dropped_webhooks', ...placeholderValidation }),
    findings: ['notice name kept taken: collection dropped_webhooks'],
  },
];

export const validatorsByHand: readonly ManualChange[] = [
  {
    title: 'a validator is taken away',
    change: (db) => collMod(db, 'users', { validator: {} }),
    findings: ['drift validator missing: validator of users'],
  },
  {
    title: 'a validator asks for something else',
    change: (db) =>
      collMod(db, 'refresh_tokens', {
        validator: {
          $jsonSchema: { bsonType: 'object', required: ['token'], properties: { token: { bsonType: 'string' } } },
        },
      }),
    findings: ['drift validator differs: validator of refresh_tokens'],
  },
  {
    title: 'a validator is made moderate',
    change: (db) => collMod(db, 'users', { validationLevel: 'moderate' }),
    findings: ['drift validation level differs: validator of users'],
  },
  {
    title: 'a validator is switched off',
    change: (db) => collMod(db, 'users', { validationLevel: 'off' }),
    findings: ['drift validation level differs: validator of users'],
  },
  {
    title: 'a validator only warns',
    change: (db) => collMod(db, 'users', { validationAction: 'warn' }),
    findings: ['drift validation action differs: validator of users'],
  },
  {
    title: 'a reference document is edited',
    change: (db) => db.collection('presets').updateOne({ _id: starter }, { $set: { name: 'beginner' } }),
    findings: [`drift document edited: document ${starter.toHexString()} of presets`],
  },
  {
    title: 'a reference document is removed',
    change: (db) => db.collection('presets').deleteOne({ _id: starter }),
    findings: [`drift document missing: document ${starter.toHexString()} of presets`],
  },
];

export const indexesByHand: readonly ManualChange[] = [
  {
    title: 'an index is dropped',
    change: (db) => db.collection('users').dropIndex('email_1'),
    findings: ['drift index missing: index users.email_1'],
  },
  {
    title: 'an index is made',
    change: (db) => db.collection('users').createIndex({ role: 1 }),
    findings: ['drift index extra: index users.role_1'],
  },
  {
    title: 'an index is made under another name',
    change: async (db) => {
      await db.collection('users').dropIndex('email_1');
      await db.collection('users').createIndex({ email: 1 }, { name: 'by_email', unique: true }, {});
    },
    findings: ['notice index renamed: index users.email_1'],
  },
  {
    title: 'an index is made under another name, with another TTL',
    change: async (db) => {
      await db.collection('audit_logs').dropIndex('created_at_1');
      await db.collection('audit_logs').createIndex({ created_at: 1 }, { name: 'ttl', expireAfterSeconds: 60 }, {});
    },
    findings: ['drift TTL differs: index audit_logs.ttl', 'notice index renamed: index audit_logs.created_at_1'],
  },
  {
    title: 'the fields of a compound index change places',
    change: (db) => rebuild(db, 'projects', 'user_id_1_status_1', { status: 1, user_id: 1 }),
    findings: ['drift index differs: index projects.user_id_1_status_1'],
  },
  {
    title: 'an index is turned around',
    change: (db) => rebuild(db, 'projects', 'created_at_1', { created_at: -1 }),
    findings: ['drift index differs: index projects.created_at_1'],
  },
  {
    title: 'a unique index is made plain',
    change: (db) => rebuild(db, 'users', 'email_1', { email: 1 }),
    findings: ['drift index differs: index users.email_1'],
  },
  {
    title: 'a sparse index is made a full one',
    change: (db) => rebuild(db, 'users', 'oauth.google_id_1', { 'oauth.google_id': 1 }, { unique: true }),
    findings: ['drift index differs: index users.oauth.google_id_1'],
  },
  {
    title: 'an index is made partial',
    change: (db) =>
      rebuild(db, 'targets', 'url_1', { url: 1 }, { partialFilterExpression: { created_at: { $gt: new Date(0) } } }),
    findings: ['drift index differs: index targets.url_1'],
  },
  {
    title: 'an index gets a collation',
    change: (db) => rebuild(db, 'targets', 'url_1', { url: 1 }, { collation: { locale: 'de', strength: 2 } }),
    findings: ['drift index differs: index targets.url_1'],
  },
  {
    title: 'the weights of a text index change',
    change: async (db) => {
      const name = 'content.text_text_content.title_text';
      await db.collection('results').dropIndex(name);
      await db.collection('results').createIndex({ 'content.text': 'text', 'content.title': 'text' }, { name }, {});
    },
    findings: ['drift index differs: index results.content.text_text_content.title_text'],
  },
  {
    title: 'a TTL is shortened',
    change: (db) => collMod(db, 'audit_logs', index('created_at_1', { expireAfterSeconds: 86_400 })),
    findings: ['drift TTL differs: index audit_logs.created_at_1'],
  },
  {
    title: 'a TTL goes',
    change: (db) => rebuild(db, 'audit_logs', 'created_at_1', { created_at: 1 }),
    findings: ['drift TTL differs: index audit_logs.created_at_1'],
  },
  {
    title: 'an index gets a TTL',
    change: (db) => collMod(db, 'scrape_jobs', index('created_at_1', { expireAfterSeconds: 60 })),
    findings: ['drift TTL differs: index scrape_jobs.created_at_1'],
  },
  {
    title: 'an index is hidden',
    change: (db) => collMod(db, 'users', index('email_1', { hidden: true })),
    findings: ['drift index hidden: index users.email_1'],
  },
  {
    title: 'an index is hidden, and its TTL changed',
    change: (db) => collMod(db, 'audit_logs', index('created_at_1', { hidden: true, expireAfterSeconds: 0 })),
    findings: ['drift TTL differs: index audit_logs.created_at_1', 'drift index hidden: index audit_logs.created_at_1'],
  },
  {
    title: 'a conversion to a unique index is begun and left',
    change: (db) => collMod(db, 'targets', index('url_1', { prepareUnique: true })),
    findings: ['drift prepareUnique left on: index targets.url_1'],
  },
  {
    title: 'an index is made unique',
    change: async (db) => {
      await collMod(db, 'targets', index('url_1', { prepareUnique: true }));
      await collMod(db, 'targets', index('url_1', { unique: true }));
    },
    findings: ['drift index differs: index targets.url_1'],
  },
];
