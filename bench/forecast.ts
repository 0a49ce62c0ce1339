import { MongoClient, type Db } from 'mongodb';
import { clientOptions } from '../src/database/client';
import { deploy, type Forecast } from '../src/deploy';
import { readEvents } from '../src/history';
import { plan } from '../src/review';
import { indexOn, makeSmallProject } from '../test/support/small-project';
import { startTestServer } from '../test/support/server';
import { keep } from './results';

const [measured, forecast] = [200_000, 1_000_000];
/** The factor by which the measured time may exceed the forecast, or be less than the forecast. */
const limit = 2;
const update = `{ filter: { language: { $exists: false } }, update: { $set: { language: 'en' } } }`;
const work = (collection: string) =>
  `createIndexes('${collection}', [${indexOn('email')}, ${indexOn('number')}]), backfill('${collection}', ${update})`;

/** Checks the forecasts of an index build and of a backfill of many documents, after measuring each with fewer documents. */
async function main(): Promise<void> {
  const server = await startTestServer();
  const client = await new MongoClient(server.url, clientOptions).connect();
  const db = client.db('bench_forecast');
  const project = await makeSmallProject({
    collections: "createCollections('small', 'large')",
    small: work('small'),
    large: work('large'),
  });
  const target = { url: server.url, database: db.databaseName, folder: project.folder };
  try {
    console.log(`mongod ${server.version}, ${server.how}`);
    await db.dropDatabase();
    await deploy({ ...target, to: 'collections' });
    await fill(db, 'small', measured);
    await fill(db, 'large', forecast);
    await deploy({ ...target, to: 'small' });
    const { forecasts } = await plan(target);
    await deploy(target);
    const done = (await readEvents(db)).at(-1)?.work ?? [];
    for (const { kind, milliseconds } of done) {
      report(
        forecasts.find((one) => one.kind === kind),
        milliseconds,
      );
    }
    if (done.length !== 2) throw new Error(`the history holds ${done.length} pieces of work, and not 2`);
  } finally {
    await project.remove();
    await db.dropDatabase();
    await client.close();
    await server.stop();
  }
}

async function fill(db: Db, name: string, howMany: number): Promise<void> {
  const text = 'Arrived late, but the support was friendly and quick.';
  for (let from = 0; from < howMany; from += 10_000) {
    const some = Array.from({ length: 10_000 }, (_, at) => {
      const number = ((from + at) * 7919) % 1_000_003;
      return { number, email: `user${number}@example.com`, text };
    });
    await db.collection(name).insertMany(some);
  }
}

function report(expected: Forecast | undefined, took: number): void {
  if (!expected) throw new Error('a piece of work had no forecast');
  const { kind, documents, milliseconds, least, most } = expected;
  const factor = Math.max(milliseconds / took, took / milliseconds);
  console.log(`forecast ${milliseconds} ms (${least} to ${most}), took ${took} ms`);
  const what = `${kind} of ${documents} documents: the factor between the forecast and the measured time`;
  keep({ kind: 'bound', what, unit: '', value: factor, limit });
}

void main();
