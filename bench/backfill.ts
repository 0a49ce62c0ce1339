import { MongoClient, type Db } from 'mongodb';
import { clientOptions } from '../src/database/client';
import { backfill, irreversible, migration } from '../src/migration';
import { runMigration } from '../src/execute';
import { sessionOn } from '../test/support/migrations';
import { startTestServer } from '../test/support/server';
import { compare } from './compare';

const documents = 200_000;
const limit = 1.3;
/** The limit for a `once` backfill. This limit is higher, because each batch of such a backfill is a transaction. */
const limitOnce = 2.2;
const filter = { language: { $exists: false } };
const update = { $set: { language: 'en' } };

/** Compares a backfill of all documents with one `updateMany` with majority write concern. */
async function main(): Promise<void> {
  const server = await startTestServer();
  const client = await new MongoClient(server.url, clientOptions).connect();
  const db = client.db('bench_backfill');
  const session = await sessionOn(db);
  const one = migration('20260101000000-backfill.ts', backfill('results', { filter, update }));
  const definition = { filter, update, once: true, undo: irreversible('a bench') };
  const once = migration('20260101000000-once.ts', backfill('results', definition));
  try {
    console.log(`mongod ${server.version}, ${server.how}`);
    await fill(db);
    await compare({
      what: `backfill of ${documents} documents, compared with one bare updateMany`,
      ours: timed(db, () => runMigration(session, one, 'up')),
      theirs: timed(db, () => db.collection('results').updateMany(filter, update, { writeConcern: { w: 'majority' } })),
      rounds: 5,
      limit,
    });
    await compare({
      what: `the same with \`once\``,
      ours: timed(db, () => runMigration(session, once, 'up')),
      theirs: timed(db, () => db.collection('results').updateMany(filter, update, { writeConcern: { w: 'majority' } })),
      rounds: 5,
      limit: limitOnce,
    });
  } finally {
    await client.close();
    await server.stop();
  }
}

async function fill(db: Db): Promise<void> {
  const results = db.collection('results');
  const text = 'Arrived late, but the support was friendly and quick. '.repeat(5);
  for (let from = 0; from < documents; from += 10_000) {
    await results.insertMany(Array.from({ length: 10_000 }, (_, at) => ({ number: from + at, text })));
  }
}

/** Returns a function that runs the work, restores the documents, and resolves to the duration of the work alone, in milliseconds. */
function timed(db: Db, work: () => Promise<unknown>): () => Promise<number> {
  return async () => {
    const started = performance.now();
    await work();
    const elapsed = performance.now() - started;
    await db.collection('results').updateMany({}, { $unset: { language: '' } });
    await db.collection('schema_checkpoints').deleteMany({});
    return elapsed;
  };
}

void main();
