import { MongoClient, type Db, type Document } from 'mongodb';
import { clientOptions } from '../src/database/client';
import { deploy } from '../src/deploy';
import { runMigration, type Session } from '../src/execute';
import type { Migration } from '../src/migration';
import { plan } from '../src/review';
import { sessionOn } from '../test/support/migrations';
import { startTestServer } from '../test/support/server';
import { indexOn, makeSmallProject, type SmallProject } from '../test/support/small-project';
import { compare, timed } from './compare';
import { peakMemory, printPeak } from './memory';
import { isShort, keep, type CurveLine, type Ratio } from './results';

const sizes = isShort ? [100_000] : [100_000, 1_000_000];
const limits = { index: 1.1, backfill: 1.2, unique: 1.3, plan: 1.3 } as const;
/** The maximum of this ratio: the peak memory with the most documents, divided by the peak memory with a tenth of them. */
const memoryLimit = 1.3;
/** How long each check of a plan may take at most, in milliseconds, and how long the rest of the plan may take. */
const [lookLimit, restOfPlan] = [500, 2_000];
/** The number of checks in a plan: it looks for duplicates and for violators of the validator. */
const looks = 2;

const name = 'rows';
const filter = { language: { $exists: false } };
const update = { $set: { language: 'en' } };
const validator = { $jsonSchema: { required: ['number'], properties: { number: { bsonType: 'int', minimum: 0 } } } };

const steps = {
  collection: `createCollections('${name}')`,
  index: `createIndexes('${name}', [${indexOn('number')}])`,
  backfill: `backfill('${name}', ${JSON.stringify({ filter, update })})`,
  unique: `makeUnique('${name}', 'number_1')`,
  checks: `createIndexes('${name}', [${indexOn('email', 'unique: true')}]), addValidator('${name}', ${JSON.stringify(validator)})`,
};

/** Measures work on many documents, and compares this work with the plain commands of the driver. */
async function main(): Promise<void> {
  const [, , url, database, folder] = process.argv;
  if (url !== undefined && database !== undefined && folder !== undefined) {
    await deploy({ url, database, folder });
    printPeak();
    return;
  }
  const server = await startTestServer();
  const client = await new MongoClient(server.url, clientOptions).connect();
  const project = await makeSmallProject(steps);
  console.log(`mongod ${server.version}, ${server.how}`);
  const lines = new Map<string, [documents: number, milliseconds: number][]>();
  const peaks: [documents: number, mebibytes: number][] = [];
  try {
    for (const documents of sizes) {
      const place: Place = { url: server.url, client, project, documents, rounds: documents < 1_000_000 ? 5 : 3 };
      for (const [what, { ours, theirs }] of await measure(place)) {
        for (const [line, value] of [
          [what, ours],
          [`${what}, bare`, theirs],
        ] as const) {
          lines.set(line, [...(lines.get(line) ?? []), [documents, value]]);
        }
      }
      peaks.push([documents, await peakOf(place)]);
    }
  } finally {
    await project.remove();
    await client.close();
    await server.stop();
  }
  judgeMemory(peaks);
  const drawn: CurveLine[] = [...lines].map(([line, points]) => ({ name: line, points }));
  keep({
    kind: 'curve',
    name: 'data',
    title: 'Times by number of documents',
    size: 'documents',
    unit: 'milliseconds',
    lines: drawn,
  });
}

function judgeMemory(peaks: readonly (readonly [documents: number, mebibytes: number])[]): void {
  keep({
    kind: 'rows',
    title: 'The peak memory of a deploy that builds an index, backfills, makes the index unique, and checks the data',
    head: ['Documents', 'MiB'],
    rows: peaks.map(([documents, mebibytes]) => [documents.toLocaleString('en-US'), `${mebibytes}`]),
  });
  const [small, large] = peaks;
  if (!small || !large) return;
  const what = 'the peak memory of that deploy with 1,000,000 documents, as a multiple of that with 100,000';
  keep({ kind: 'bound', what, unit: '', value: large[1] / small[1], limit: memoryLimit });
}

interface Place {
  readonly url: string;
  readonly client: MongoClient;
  readonly project: SmallProject;
  readonly documents: number;
  readonly rounds: number;
}

/** Compares each kind of work with the plain commands. Resolves to the ratios by kind. */
async function measure({ url, client, project, documents, rounds }: Place): Promise<Map<string, Ratio>> {
  const database = `bench_data_${documents}`;
  const db = client.db(database);
  const target = { url, database, folder: project.folder };
  await deploy({ ...target, to: 'collection' });
  await fill(db, documents);
  const session = await sessionOn(db);
  const many = `of ${documents.toLocaleString('en-US')} documents`;
  const among = `among ${documents.toLocaleString('en-US')} documents`;
  const found = new Map<string, Ratio>();
  const on = (work: () => unknown, after: () => Promise<unknown>) => async () => {
    const elapsed = await timed(work);
    await after();
    return elapsed;
  };
  const rows = db.collection(name);
  const dropIndex = () => rows.dropIndex('number_1');
  found.set(
    'index build',
    await compare({
      what: `index build ${many}, compared with a bare createIndexes`,
      ours: on(() => runOne(session, project, 'index'), dropIndex),
      theirs: on(() => createIndex(db), dropIndex),
      rounds,
      limit: limits.index,
    }),
  );
  const forget = async () => {
    await rows.updateMany({}, { $unset: { language: '' } });
    await db.collection('schema_checkpoints').deleteMany({});
  };
  found.set(
    'backfill',
    await compare({
      what: `backfill ${many}, compared with one bare updateMany`,
      ours: on(() => runOne(session, project, 'backfill'), forget),
      theirs: on(() => rows.updateMany(filter, update, { writeConcern: { w: 'majority' } }), forget),
      rounds,
      limit: limits.backfill,
    }),
  );
  const makePlain = async () => {
    await dropIndex();
    await createIndex(db);
  };
  await createIndex(db);
  found.set(
    'makeUnique',
    await compare({
      what: `makeUnique ${many}, compared with two bare collMods`,
      ours: on(() => runOne(session, project, 'unique'), makePlain),
      theirs: on(() => makeUniqueBare(db), makePlain),
      rounds,
      limit: limits.unique,
    }),
  );
  // After this, only the migrations that need checks are pending.
  await deploy({ ...target, to: 'unique' });
  found.set(
    'plan',
    await compare({
      what: `plan with a search for duplicates and for invalid documents ${among}, compared with the bare queries`,
      ours: () => timed(() => plan(target)),
      theirs: () => timed(() => checkBare(url, database)),
      rounds,
      limit: limits.plan,
    }),
  );
  keep({
    kind: 'bound',
    what: `the same plan ${among}, with at most ${lookLimit} ms for each check`,
    unit: 'ms',
    value: await timed(() => plan({ ...target, lookLimit })),
    limit: looks * lookLimit + restOfPlan,
  });
  await db.dropDatabase();
  return found;
}

/** Runs one migration of the project, by the description in its name. */
async function runOne(session: Session, { migrations }: SmallProject, step: keyof typeof steps): Promise<void> {
  const found: Migration | undefined = migrations.find((one) => one.name.endsWith(`-${step}.ts`));
  if (!found) throw new Error(`the project has no migration ${step}`);
  await runMigration(session, found, 'up');
}

function createIndex(db: Db): Promise<Document> {
  const indexes = [{ name: 'number_1', key: { number: 1 } }];
  return db.command({ createIndexes: name, indexes, commitQuorum: 'majority', writeConcern: { w: 'majority' } });
}

async function makeUniqueBare(db: Db): Promise<void> {
  for (const index of [{ prepareUnique: true }, { unique: true }]) {
    await db.command({ collMod: name, index: { name: 'number_1', ...index }, writeConcern: { w: 'majority' } });
  }
}

async function checkBare(url: string, database: string): Promise<void> {
  const client = await new MongoClient(url, clientOptions).connect();
  const rows = client.db(database).collection(name);
  const duplicates = [
    { $group: { _id: '$email', count: { $sum: 1 } } },
    { $match: { count: { $gt: 1 } } },
    { $count: 'keys' },
  ];
  await rows.aggregate(duplicates, { allowDiskUse: true }).toArray();
  await rows.countDocuments({ $nor: [validator] });
  await client.close();
}

/** Resolves to the peak memory, in MiB, of a process that deploys everything on a fresh database with documents. */
async function peakOf({ url, client, project, documents }: Place): Promise<number> {
  const database = `bench_data_peak_${documents}`;
  await deploy({ url, database, folder: project.folder, to: 'collection' });
  await fill(client.db(database), documents);
  try {
    return await peakMemory(__filename, [url, database, project.folder]);
  } finally {
    await client.db(database).dropDatabase();
  }
}

/** Inserts documents in batches. Two batches are sent at the same time. */
async function fill(db: Db, documents: number): Promise<void> {
  const [size, abreast] = [10_000, 2];
  const text = 'Arrived late, but the support was friendly and quick.';
  const insertFrom = (from: number) =>
    db.collection(name).insertMany(
      Array.from({ length: size }, (_, at) => {
        // The order of these numbers is neither the order of insertion nor the order of the index.
        const number = ((from + at) * 7919) % 1_000_003;
        return { number, email: `user${number}@example.com`, text };
      }),
      { ordered: false, writeConcern: { w: 1 } },
    );
  for (let from = 0; from < documents; from += size * abreast) {
    await Promise.all(Array.from({ length: abreast }, (_, at) => insertFrom(from + at * size)));
  }
}

void main();
