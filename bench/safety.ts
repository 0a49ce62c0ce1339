import { MongoClient, type Db } from 'mongodb';
import { clientOptions } from '../src/database/client';
import { deploy } from '../src/deploy';
import { runMigration } from '../src/execute';
import { takeLease } from '../src/history';
import type { Migration } from '../src/migration';
import { ownCollections } from '../src/schema';
import { sessionOn } from '../test/support/migrations';
import { startProxy, type SentCommand } from '../test/support/proxy';
import { startTestServer } from '../test/support/server';
import { indexOn, makeSmallProject } from '../test/support/small-project';
import { timed } from './compare';
import { isShort, keep, median } from './results';

const rounds = isShort ? 5 : 31;
const collection = 'things';
/** The number of migrations in the second deploy. Its commands show what each further migration adds. */
const further = 10;
const index = (at: number) => `createIndexes('${collection}', [${indexOn(`field${at}`)}])`;

/** Counts the commands of a deploy by their purpose, and measures what each part of a deploy adds to a bare `createIndexes`. */
async function main(): Promise<void> {
  const server = await startTestServer();
  const project = await makeSmallProject({
    collection: `createCollections('${collection}')`,
    first: index(0),
    ...Object.fromEntries(Array.from({ length: further }, (_, at) => [`further_${at}`, index(at + 1)])),
  });
  const client = await new MongoClient(server.url, clientOptions).connect();
  console.log(`mongod ${server.version}, ${server.how}`);
  try {
    await count(server.url, project.folder, client);
    const [, first] = project.migrations;
    if (!first) throw new Error('the project has no migration');
    await measure({ url: server.url, folder: project.folder, client, migration: first });
  } finally {
    await project.remove();
    await client.close();
    await server.stop();
  }
}

/** A command, and how long the server took to answer it. */
interface Answered {
  readonly command: SentCommand;
  readonly milliseconds: number;
}

/** Counts the commands of two deploys: a deploy of one migration, and a deploy of ten. */
async function count(url: string, folder: string, client: MongoClient): Promise<void> {
  let answered: Answered[] = [];
  const proxy = await startProxy(url, (command) => {
    const started = performance.now();
    return { onReply: () => answered.push({ command, milliseconds: performance.now() - started }) };
  });
  const database = 'bench_safety_commands';
  const deployTo = async (to: string) => {
    answered = [];
    await deploy({ url: proxy.url, database, folder, to });
    return answered;
  };
  try {
    await deployTo('collection');
    const one = await deployTo('first');
    const ten = await deployTo(`further_${further - 1}`);
    const rows = purposes.map(({ name }) => {
      const [ofOne, ofTen] = [of(one, name), of(ten, name)];
      const each = (ofTen.length - ofOne.length) / (further - 1);
      const waits = ofOne.filter(({ command }) => waitsForMajority(command)).length;
      const milliseconds = ofOne.reduce((sum, one) => sum + one.milliseconds, 0);
      return [name, `${ofOne.length}`, `${waits}`, milliseconds.toFixed(1), each.toFixed(1)];
    });
    keep({
      kind: 'rows',
      title:
        'The commands that a deploy of one migration sends, and how many commands each further migration of the same deploy adds. ' +
        'Some commands run at the same time, so their times add up to more than the deploy takes',
      head: ['For', 'Commands', 'Wait for a majority', 'ms', 'Each further migration'],
      rows,
    });
  } finally {
    await proxy.close();
    await client.db(database).dropDatabase();
  }
}

const { lock, history, changelog } = ownCollections;

/** The purposes of commands. Each command belongs to the first purpose that it matches. */
const purposes: readonly { readonly name: string; readonly has: (command: SentCommand) => boolean }[] = [
  { name: 'the index itself', has: ({ name, collection: on }) => name === 'createIndexes' && on === collection },
  { name: 'a wait until the collection is free', has: ({ name }) => name === 'collMod' },
  {
    name: 'the lease: checked before writes',
    has: ({ name, collection: on, body }) =>
      on === lock && name === 'find' && JSON.stringify(body).includes('owner.id'),
  },
  {
    name: 'the check for an unfinished restore',
    has: ({ body }) => JSON.stringify(body).includes('{"_id":"restore"}'),
  },
  {
    name: 'the lease: taken and released',
    has: ({ collection: on, body }) =>
      on === lock || (on === history && JSON.stringify(body).includes('"sort":{"token"')),
  },
  { name: 'the events, before and after', has: ({ name, collection: on }) => on === history && name === 'insert' },
  { name: 'the row in the changelog', has: ({ name, collection: on }) => on === changelog && name === 'update' },
  {
    name: 'the indexes of the events and of the changelog',
    has: ({ name, collection: on }) => name === 'createIndexes' && on !== collection,
  },
  { name: 'reading the history', has: ({ collection: on }) => on === history || on === changelog },
  {
    name: 'reading the schema, before and after',
    has: ({ name }) => name === 'listCollections' || name === 'listIndexes',
  },
  { name: 'the check of the data', has: ({ collection: on }) => on === collection },
  { name: 'facts about the server', has: () => true },
];

function of(answered: readonly Answered[], name: string): Answered[] {
  return answered.filter(({ command }) => purposes.find(({ has }) => has(command))?.name === name);
}

function waitsForMajority({ body }: SentCommand): boolean {
  const concern: unknown = body['writeConcern'];
  return typeof concern === 'object' && concern !== null && 'w' in concern && concern.w === 'majority';
}

interface Ladder {
  readonly url: string;
  readonly folder: string;
  readonly client: MongoClient;
  readonly migration: Migration;
}

/** Measures the creation of the same index, each time with a further part of what a deploy does. */
async function measure({ url, folder, client, migration }: Ladder): Promise<void> {
  const db = client.db('bench_safety');
  const create = (on: Db, w: 1 | 'majority') => {
    const indexes = [{ name: 'field0_1', key: { field0: 1 } }];
    return on.command({ createIndexes: collection, indexes, writeConcern: { w } });
  };
  const variants: readonly (readonly [name: string, work: () => Promise<unknown>])[] = [
    ['the driver, on an open connection', () => create(db, 1)],
    ['the driver waits for a majority', () => create(db, 'majority')],
    [
      'the tool reads the schema first, to skip or refuse the change',
      async () => runMigration(await sessionOn(db), migration, 'up'),
    ],
    [
      'a lease is taken, checked before writes, and released',
      async () => {
        const lease = await takeLease(db, { purpose: 'a bench', seconds: 30, timeout: 1_000 });
        await runMigration(await sessionOn(db, { guard: () => lease.check() }), migration, 'up');
        await lease.release();
      },
    ],
    [
      'a whole deploy: two connections, the history, events, the changelog, and the comparison at the end',
      () => deploy({ url, database: db.databaseName, folder, to: 'first' }),
    ],
  ];
  const bare = async () => {
    const own = await new MongoClient(url).connect();
    await create(own.db(db.databaseName), 'majority');
    await own.close();
  };
  const times = new Map<string, number[]>();
  await deploy({ url, database: db.databaseName, folder, to: 'collection' });
  for (let round = 0; round <= rounds; round++) {
    for (const [name, work] of [...variants, ['bare', bare] as const]) {
      const elapsed = await timed(work);
      // The first round is a warm-up.
      if (round > 0) times.set(name, [...(times.get(name) ?? []), elapsed]);
      await forget(db, migration);
    }
  }
  const medianOf = (name: string) => median(times.get(name) ?? []);
  const rows = variants.map(([name], at) => {
    const before = variants[at - 1];
    const added = before === undefined ? '' : (medianOf(name) - medianOf(before[0])).toFixed(1);
    return [name, medianOf(name).toFixed(1), added];
  });
  keep({
    kind: 'rows',
    title: 'One index in an empty collection. Each row adds one part of the work',
    head: ['What', 'ms', 'Added, ms'],
    rows: [
      ...rows,
      ['for comparison: the driver connects, waits for a majority, and closes', medianOf('bare').toFixed(1), ''],
    ],
  });
  await db.dropDatabase();
}

/** Undoes the migration and removes it from the changelog, so that the next run finds it pending. */
async function forget(db: Db, { name }: Migration): Promise<void> {
  await db.collection(collection).dropIndex('field0_1');
  await db.collection(ownCollections.changelog).deleteMany({ fileName: name });
  await db.collection(ownCollections.history).deleteMany({ migration: name });
}

void main();
