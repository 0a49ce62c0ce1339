import { MongoClient, type Collection, type Db } from 'mongodb';
import { clientOptions } from '../src/database/client';
import { deploy } from '../src/deploy';
import type { Migration } from '../src/migration';
import { fromPlain, type Change } from '../src/schema';
import { productMigrations } from '../test/support/product';
import { startTestServer } from '../test/support/server';
import { compare } from './compare';

const limit = 1.5;
const majority = { w: 'majority' } as const;

/** Runs the same commands with only the driver: grouped, in parallel, and with the same history writes with majority write concern. */
async function bareDriver(url: string, database: string, migrations: readonly Migration[]): Promise<void> {
  const client = await new MongoClient(url, clientOptions).connect();
  const db = client.db(database);
  const [lock, changelog, history] = ['schema_lock', 'changelog', 'schema_history'].map((name) =>
    db.collection(name, { writeConcern: majority }),
  ) as [Collection, Collection, Collection];
  await lock.updateOne({ name: 'lease' }, { $set: { owner: 'bench' } }, { upsert: true });
  await Promise.all([
    changelog.createIndex({ fileName: 1 }, { unique: true }, {}),
    history.createIndex({ token: 1, sequence: 1 }, { unique: true }, {}),
  ]);
  for (const { name, changes } of migrations) {
    await history.insertOne({ type: 'started', migration: name, token: 1, sequence: name });
    const collections = [...new Set(changes.map(({ place }) => place.collection))];
    await Promise.all(
      collections.map((each) =>
        makeAll(
          db,
          each,
          changes.filter(({ place }) => place.collection === each),
        ),
      ),
    );
    await changelog.insertOne({ fileName: name, appliedAt: new Date(), migrationBlock: 1 });
    await history.insertOne({ type: 'finished', migration: name, token: 2, sequence: name });
  }
  await lock.updateOne({ name: 'lease' }, { $unset: { owner: 1 } });
  await client.close();
}

async function makeAll(db: Db, collection: string, changes: readonly Change[]): Promise<void> {
  const [first] = changes;
  switch (first?.kind) {
    case 'collection':
      await db.command({ create: collection, writeConcern: majority });
      break;
    case 'validator':
      await db.command({ collMod: collection, ...first.to, writeConcern: majority });
      break;
    case 'index': {
      const indexes = changes
        .filter((change) => change.kind === 'index')
        .map(({ place, to }) => ({ name: place.name, ...to }));
      await db.command({ createIndexes: collection, indexes, commitQuorum: 'majority', writeConcern: majority });
      break;
    }
    case 'view':
      await db.command({ create: collection, ...first.to, writeConcern: majority });
      break;
    case 'collection.name':
    case 'index.expireAfterSeconds':
    case 'index.hidden':
    case 'index.unique':
    case undefined:
      break;
    case 'document': {
      const rows = changes.filter((change) => change.kind === 'document').map(({ to = {} }) => fromPlain(to));
      await db.collection(collection, { writeConcern: majority }).insertMany(rows);
    }
  }
}

async function main(): Promise<void> {
  const server = await startTestServer();
  const client = await new MongoClient(server.url, clientOptions).connect();
  const migrations = productMigrations();
  let databases = 0;
  const onFreshDatabase = (work: (database: string) => Promise<unknown>) => async () => {
    const database = `bench_${databases++}`;
    const started = performance.now();
    await work(database);
    const elapsed = performance.now() - started;
    await client.db(database).dropDatabase();
    return elapsed;
  };
  try {
    console.log(`mongod ${server.version}, ${server.how}`);
    await compare({
      what: 'deploy of the whole schema on an empty database, compared with the bare driver',
      ours: onFreshDatabase((database) => deploy({ url: server.url, database })),
      theirs: onFreshDatabase((database) => bareDriver(server.url, database, migrations)),
      rounds: 15,
      limit,
    });
  } finally {
    await client.close();
    await server.stop();
  }
}

void main();
