import type { Db, Document } from 'mongodb';
import { backupOf, fillResults, temporaryFolder } from './support';

/** Longer than the server takes with anything in front of it. */
export const longName = `long_${'é'.repeat(105)}`;

/** What a backup holds: something of every kind, and of every way in which it can differ from what is there. */
export async function fillBackup(db: Db): Promise<void> {
  await fillResults(db, 300);
  await db.collection('results').createIndex({ number: 1 }, { unique: true }, {});
  await db.createCollection('added', { validator: { a: { $gt: 0 } }, capped: true, size: 100_000 });
  await db.collection('added').insertMany([{ a: 1 }, { a: 2 }]);
  await db.collection('added').insertOne({ a: -1 }, { bypassDocumentValidation: true });
  await db.collection(longName).insertOne({ of: 'the backup' });
  await db.collection('tokens').insertMany(Array.from({ length: 20 }, (_, at) => ({ at, expires_at: new Date(0) })));
  await db.collection('tokens').createIndex({ expires_at: 1 }, { expireAfterSeconds: 2_147_483_647 }, {});
  await db.createCollection('sessions', {
    clusteredIndex: { key: { _id: 1 }, unique: true },
    expireAfterSeconds: 1_000_000_000,
  });
  const ids = Array.from({ length: 10 }, (_, at) => ({ _id: new Date(Date.now() - at * 1000) as never }));
  await db.collection('sessions').insertMany(ids);
  await db.createCollection('series', { timeseries: { timeField: 't', metaField: 'm' } });
  await db.collection('series').insertMany(measurements('backup'));
  await db.collection('series').createIndex({ 'm.of': 1 });
  await db.createCollection('view', { viewOn: 'results', pipeline: [{ $match: { number: { $gt: 5 } } }] });
  await db.createCollection('collated', { viewOn: 'results', collation: { locale: 'de' } });
  await db.createCollection('was_collection', { viewOn: 'results', pipeline: [] });
  await db.collection('was_view').insertOne({ now: 'a collection' });
}

/** What is there when the backup is restored. */
export async function fillBefore(db: Db): Promise<void> {
  await fillResults(db, 50);
  await db.collection('results').createIndex({ platform: 1 });
  await db.collection('removed').insertMany([{ only: 'here' }, { only: 'here, too' }]);
  await db.collection('removed').createIndex({ only: 1 }, { unique: true }, {});
  await db.collection(longName).insertOne({ of: 'before' });
  await db.createCollection('series', {
    timeseries: { timeField: 't', metaField: 'm', granularity: 'hours' },
    expireAfterSeconds: 1_000_000_000,
  });
  await db.collection('series').insertMany(measurements('before'));
  await db.collection('series').createIndex({ 'm.before': 1 });
  await db.createCollection('view', { viewOn: 'removed', pipeline: [{ $match: { only: 'here' } }] });
  await db.createCollection('collated', { viewOn: 'results', collation: { locale: 'fr' } });
  await db.collection('was_collection').insertOne({ before: true });
  await db.createCollection('was_view', { viewOn: 'was_collection', pipeline: [] });
}

function measurements(of: string): Document[] {
  return Array.from({ length: 5 }, (_, at) => ({ t: new Date(1_700_000_000_000 + at * 60_000), m: { of }, at }));
}

/** Everything of a database that a restore may change: options, indexes and documents by name, and nothing that stands for another one. */
export async function stateOf(db: Db): Promise<Record<string, unknown>> {
  const found = await db.listCollections({}, { nameOnly: false }).toArray();
  const named = found
    .filter(
      ({ name }) =>
        !name.startsWith('system.') && !/^(?:schema_history|schema_lock|restoring_.*|replaced_.*)$/.test(name),
    )
    .sort((one, other) => (one.name < other.name ? -1 : 1));
  const entries = await Promise.all(
    named.map(async ({ name, type, options }): Promise<[string, unknown]> => {
      const indexes = type === 'view' ? [] : ((await db.collection(name).listIndexes().toArray()) as Document[]);
      const sorted = indexes.sort((one, other) => (String(one['name']) < String(other['name']) ? -1 : 1));
      // Bucketing gives the documents of a time series no order.
      const documents = await db
        .collection(name)
        .find({}, { sort: type === 'timeseries' ? { t: 1 } : {} })
        .toArray();
      return [name, { type, options: options as unknown, indexes: sorted, documents }];
    }),
  );
  return Object.fromEntries(entries);
}

/** A backup of everything, and the state that it leads to. The database is empty afterwards. */
export async function backUpEverything(db: Db): Promise<{ file: string; state: Record<string, unknown> }> {
  await db.dropDatabase();
  await fillBackup(db);
  const state = await stateOf(db);
  const { file } = await backupOf(db.databaseName, await temporaryFolder());
  await db.dropDatabase();
  return { file, state };
}
