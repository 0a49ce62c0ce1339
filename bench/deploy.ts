import { MongoClient, type Db, type Document } from 'mongodb';
import { clientOptions } from '../src/config';
import { deploy } from '../src/deploy';
import type { Migration } from '../src/migration';
import { fromPlain, type Change, type PlainObject } from '../src/schema';
import { projectMigrations } from '../test/support/migrations';
import { startTestServer } from '../test/support/server';
import { compare } from './compare';

const limit = 1.5;
const majority = { w: 'majority' } as const;

/** What the bare driver needs for the same commands: grouped, parallel, and with the same rows in the changelog. */
async function bareDriver(db: Db, migrations: readonly Migration[]): Promise<void> {
  const changelog = db.collection('changelog', { writeConcern: majority });
  await changelog.createIndex({ fileName: 1 }, { unique: true }, {});
  for (const { name, changes } of migrations) {
    const collections = [...new Set(changes.map(({ at }) => at[0]))];
    await Promise.all(
      collections.map((name) =>
        makeAll(
          db,
          name,
          changes.filter(({ at }) => at[0] === name),
        ),
      ),
    );
    await changelog.insertOne({ fileName: name, appliedAt: new Date(), migrationBlock: 1 });
  }
}

async function makeAll(db: Db, collection: string, changes: readonly Change[]): Promise<void> {
  const [first] = changes;
  switch (first?.at[1]) {
    case 'options':
      await db.command({ create: collection, writeConcern: majority });
      break;
    case 'validator':
      await db.command({ collMod: collection, ...(first.to as Document), writeConcern: majority });
      break;
    case 'indexes': {
      const indexes = changes.map(({ at, to }) => ({ name: at[2], ...(to as Document) }));
      await db.command({ createIndexes: collection, indexes, commitQuorum: 'majority', writeConcern: majority });
      break;
    }
    case undefined:
      break;
    case 'documents': {
      const rows = changes.map(({ to }) => fromPlain(to as PlainObject));
      await db.collection(collection, { writeConcern: majority }).insertMany(rows);
    }
  }
}

async function main(): Promise<void> {
  const server = await startTestServer();
  const client = await new MongoClient(server.url, clientOptions).connect();
  const migrations = projectMigrations();
  let databases = 0;
  const onFreshDatabase = (work: (db: Db) => Promise<unknown>) => async () => {
    const db = client.db(`bench_${databases++}`);
    const started = performance.now();
    await work(db);
    const elapsed = performance.now() - started;
    await db.dropDatabase();
    return elapsed;
  };
  try {
    console.log(`mongod ${server.version}, ${server.how}`);
    await compare({
      what: 'deploy of the whole schema on an empty database, against the bare driver',
      ours: onFreshDatabase((db) => deploy({ db, migrations })),
      theirs: onFreshDatabase((db) => bareDriver(db, migrations)),
      rounds: 15,
      limit,
    });
  } finally {
    await client.close();
    await server.stop();
  }
}

void main();
