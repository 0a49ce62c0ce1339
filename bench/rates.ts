import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, tmpdir, totalmem } from 'node:os';
import path from 'node:path';
import { MongoClient, type Db } from 'mongodb';
import { seed } from '../seeders/run/seed';
import { seeders } from '../seeders/seeders';
import { backup, restore } from '../src/backup';
import { readSizes } from '../src/database';
import { clientOptions } from '../src/database/client';
import { deploy } from '../src/deploy';
import { runMigration } from '../src/execute';
import { backfill, irreversible, migration } from '../src/migration';
import { sessionOn } from '../test/support/migrations';
import { startTestServer } from '../test/support/server';
import { median } from './results';
import type { CollectionSize, Rates } from './scale/rates';

const [users, projects, rounds] = [10, 10, 3];
const results = Number(process.argv[2] ?? 100_000) / (users * projects);
/** The other load on the machine during the measurement, such as `BENCH_NOTE='measured while other programs ran'`. */
const note = process.env['BENCH_NOTE'] ?? 'nothing else ran';
const database = 'bench_rates';

/**
 * Measures the size of the product's collections for each document, and the rates of index builds, backfills, backups and restores.
 * Writes bench/rates.json, from which the tables in docs/scale.md are computed.
 */
async function main(): Promise<void> {
  const server = await startTestServer();
  const client = await new MongoClient(server.url, clientOptions).connect();
  const folder = await mkdtemp(path.join(tmpdir(), 'bench-rates-'));
  const db = client.db(database);
  try {
    console.log(`mongod ${server.version}, ${server.how}`);
    await deploy({ url: server.url, database });
    await seed({ url: server.url, database, users, projects, results });
    // The server reports sizes on disk as of the last checkpoint.
    await client.db('admin').command({ fsync: 1 });
    const collections: Record<string, CollectionSize> = {};
    for (const { collection } of seeders) collections[collection] = await sizeOf(db, collection);
    const documents = collections['results']?.documents ?? 0;
    const mebibytes = Object.values(collections).reduce((sum, { data }) => sum + data, 0) / 2 ** 20;
    const { backups, restores } = await timeBackups(server.url, client, folder);
    const rates: Rates = {
      date: new Date().toISOString().slice(0, 10),
      server: server.version,
      machine: {
        processor: cpus()[0]?.model ?? 'unknown',
        cores: availableParallelism(),
        memoryGiB: Math.round(totalmem() / 2 ** 30),
      },
      note,
      seeded: { users, projects: users * projects, results: documents },
      collections,
      perSecond: {
        indexedDocuments: Math.round(documents / (await timeIndexes(db))),
        backfilledDocuments: Math.round(documents / (await timeBackfills(db))),
        backedUpMiB: rounded(mebibytes / backups),
        restoredMiB: rounded(mebibytes / restores),
      },
    };
    await writeFile(path.join(__dirname, 'rates.json'), `${JSON.stringify(rates, null, 2)}\n`);
    console.log(JSON.stringify(rates, null, 2));
  } finally {
    await rm(folder, { recursive: true, force: true });
    await client.close();
    await server.stop();
  }
}

async function sizeOf(db: Db, collection: string): Promise<CollectionSize> {
  const sizes = await readSizes(db, collection);
  if (sizes?.documents === undefined) throw new Error(`${collection} has no statistics`);
  const { documents, data, storage, ofIndexes: indexes } = sizes;
  return { documents, data, storage, indexes };
}

/** Resolves to the duration in seconds. */
async function timeIndexes(db: Db): Promise<number> {
  const name = 'content.rating_1';
  return medianOf(async () => {
    const seconds = await timed(() => db.collection('results').createIndex({ 'content.rating': 1 }, { name }, {}));
    await db.collection('results').dropIndex(name);
    return seconds;
  });
}

async function timeBackfills(db: Db): Promise<number> {
  const session = await sessionOn(db);
  const [filter, update] = [{ bench: { $exists: false } }, { $set: { bench: 1 } }];
  const undo = irreversible('a bench');
  const one = migration('20260101000000-backfill.ts', backfill('results', { filter, update, undo }));
  return medianOf(async () => {
    const seconds = await timed(() => runMigration(session, one, 'up'));
    await db.collection('results').updateMany({}, { $unset: { bench: '' } });
    await db.collection('schema_checkpoints').deleteMany({});
    return seconds;
  });
}

async function timeBackups(url: string, client: MongoClient, folder: string) {
  const confirm = () => Promise.resolve(false);
  const restored = `${database}_restored`;
  let file = '';
  const backups = await medianOf(() =>
    timed(async () => {
      file = (await backup({ url, database, folder })).file;
    }),
  );
  const restores = await medianOf(async () => {
    await client.db(restored).dropDatabase();
    return timed(() => restore({ url, database: restored, isNamed: true, file, confirm }));
  });
  await client.db(restored).dropDatabase();
  return { backups, restores };
}

async function medianOf(work: () => Promise<number>): Promise<number> {
  const seconds: number[] = [];
  for (let round = 0; round < rounds; round++) seconds.push(await work());
  return median(seconds);
}

/** Resolves to the duration in seconds. */
async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1000;
}

function rounded(number: number): number {
  return Math.round(number * 10) / 10;
}

void main();
