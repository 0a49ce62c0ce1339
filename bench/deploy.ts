import path from 'node:path';
import { BSON, MongoClient, type Collection, type Db, type Document } from 'mongodb';
import { clientOptions } from '../src/database/client';
import { deploy } from '../src/deploy';
import type { Migration } from '../src/migration';
import { fromPlain, type Change } from '../src/schema';
import { productMigrations } from '../test/support/product';
import { startTestServer } from '../test/support/server';
import { compare, compareProcesses } from './compare';
import { compiledTool, migrateMongo, run, withPrograms, type Program } from './programs';

const { EJSON } = BSON;

/** The maximum ratios, to the bare driver in this process, and to migrate-mongo as a process. */
const [limit, processLimit] = [1.3, 1];
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
    await Promise.all(collectionsOf(changes).map((each) => makeAll(db, each, changesOf(changes, each))));
    await changelog.insertOne({ fileName: name, appliedAt: new Date(), migrationBlock: 1 });
    await history.insertOne({ type: 'finished', migration: name, token: 2, sequence: name });
  }
  await lock.updateOne({ name: 'lease' }, { $unset: { owner: 1 } });
  await client.close();
}

async function makeAll(db: Db, collection: string, changes: readonly Change[]): Promise<void> {
  const command = commandOf(collection, changes);
  if (command) await db.command({ ...command, writeConcern: majority });
}

/** Returns the command that makes these changes of one collection, which all have the same kind; undefined for kinds without such a command. */
function commandOf(collection: string, changes: readonly Change[]): Document | undefined {
  const [first] = changes;
  switch (first?.kind) {
    case 'collection':
      return { create: collection };
    case 'validator':
      return { collMod: collection, ...first.to };
    case 'index': {
      const indexes = changes
        .filter((change) => change.kind === 'index')
        .map(({ place, to }) => ({ name: place.name, ...to }));
      return { createIndexes: collection, indexes, commitQuorum: 'majority' };
    }
    case 'view':
      return { create: collection, ...first.to };
    case 'document': {
      const documents = changes.filter((change) => change.kind === 'document').map(({ to = {} }) => fromPlain(to));
      return { insert: collection, documents };
    }
    case 'collection.name':
    case 'index.expireAfterSeconds':
    case 'index.hidden':
    case 'index.unique':
    case undefined:
      return undefined;
  }
}

/** Returns a migration as plain JavaScript for migrate-mongo, which sends the same commands one after another. */
function plainScript({ changes }: Migration): string {
  const commands = collectionsOf(changes).flatMap((name) => commandOf(name, changesOf(changes, name)) ?? []);
  return (
    `const { BSON: { EJSON } } = require('mongodb');\n` +
    `const commands = EJSON.parse(${JSON.stringify(EJSON.stringify(commands, { relaxed: false }))}, { relaxed: false });\n` +
    `module.exports = { up: async (db) => { for (const command of commands) await db.command(command); }, down: async () => {} };\n`
  );
}

function collectionsOf(changes: readonly Change[]): string[] {
  return [...new Set(changes.map(({ place }) => place.collection))];
}

function changesOf(changes: readonly Change[], name: string): Change[] {
  return changes.filter(({ place }) => place.collection === name);
}

/** Compares whole processes: the compiled tool with migrate-mongo. */
async function compareTools(url: string, client: MongoClient, migrations: readonly Migration[]): Promise<void> {
  await withPrograms(async (folder) => {
    const [own, plain] = [path.join(folder, 'own'), path.join(folder, 'plain')];
    const tool = await compiledTool(own);
    const texts = migrations.map((one) => [one.name.replace(/\.ts$/, '.js'), plainScript(one)] as const);
    const peer = await migrateMongo(plain, Object.fromEntries(texts));
    const database = 'bench_deploy_process';
    const onEmpty = async (program: Program, verb: string) => {
      await client.db(database).dropDatabase();
      return run(program, [verb], { MONGODB_URL: url, MONGODB_DATABASE: database });
    };
    await compareProcesses({
      what: 'compiled deploy of the whole schema on an empty database, compared with migrate-mongo up',
      ours: () => onEmpty(tool, 'deploy'),
      theirs: () => onEmpty(peer, 'up'),
      rounds: 9,
      limit: processLimit,
    });
    await client.db(database).dropDatabase();
  });
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
    await compareTools(server.url, client, migrations);
  } finally {
    await client.close();
    await server.stop();
  }
}

void main();
