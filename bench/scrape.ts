import { MongoClient, type Db, type Document } from 'mongodb';
import { census } from '../src/census';
import { deploy } from '../src/deploy';
import { checkHealth } from '../src/health';
import { makeMetrics, Pool } from '../src/metrics';
import { ownMigrations } from '../src/project';
import { MongoUrl } from '../src/support/mongo-url';
import { startTestServer } from '../test/support/server';
import { keep, median } from './results';

const database = 'bench_scrape';
const rounds = 20;
/** The maximum ratio of the server's work for a scrape to its work for `dbStats` and a `collStats` of each collection. */
const limit = 1.5;

/** The work of the server: the number of commands, and their total duration in milliseconds. */
interface Work {
  readonly commands: number;
  readonly milliseconds: number;
}

/** Compares the server's work for a scrape of /metrics, and for a census, with its work for the minimal commands that read all sizes. */
async function main(): Promise<void> {
  const server = await startTestServer();
  const client = await new MongoClient(server.url).connect();
  const db = client.db(database);
  const check = () => checkHealth(db, { folder: ownMigrations });
  const metrics = makeMetrics({
    url: MongoUrl.of(server.url),
    database,
    changelog: undefined,
    folder: ownMigrations,
    backups: 'backups',
    check,
    pool: new Pool(),
    maxAge: 0,
    timeout: 30_000,
  });
  try {
    console.log(`mongod ${server.version}, ${server.how}`);
    await deploy({ url: server.url, database });
    await fill(db, 20_000);
    const bare = await costOf(db, () => sizesOf(db));
    const scrape = await costOf(db, () => metrics.scrape());
    const looked = await costOf(db, () => census({ url: server.url, database }));
    tell('dbStats, and collStats of each collection', bare);
    tell('a scrape of /metrics', scrape, bare);
    tell('a census of 1,000 documents of each collection', looked, bare);
    const ratio = scrape.milliseconds / bare.milliseconds;
    keep({
      kind: 'bound',
      what: "the server's work for one scrape, as a multiple of the work for one `dbStats` and a `collStats` of each collection",
      unit: '',
      value: ratio,
      limit,
    });
  } finally {
    await metrics.close();
    await db.dropDatabase();
    await client.close();
    await server.stop();
  }
}

function tell(what: string, { commands, milliseconds }: Work, bare?: Work): void {
  const ratio = bare ? `, ${(milliseconds / bare.milliseconds).toFixed(1)} times the bare ones` : '';
  console.log(`${what}\n  ${commands} commands, ${milliseconds.toFixed(1)} ms on the server${ratio}`);
}

async function fill(db: Db, documents: number): Promise<void> {
  const words = 'battery arrived late support friendly quick screen good bad terrible wonderful value'.split(' ');
  const text = (at: number) => Array.from({ length: 20 }, (_, place) => words[(at * place) % words.length]).join(' ');
  for (const name of ['results', 'audit_logs', 'scrape_jobs']) {
    const rows = Array.from({ length: documents / 4 }, (_, at) => ({ number: at, text: text(at) }));
    await db.collection(name).insertMany(rows, { bypassDocumentValidation: true });
  }
}

async function sizesOf(db: Db): Promise<void> {
  await db.command({ dbStats: 1 });
  const names = await db.listCollections({ type: 'collection' }, { nameOnly: true }).toArray();
  for (const { name } of names) await db.command({ collStats: name });
}

/** Resolves to the median of some rounds, after a warm-up round. */
async function costOf(db: Db, work: () => Promise<unknown>): Promise<Work> {
  await work();
  const costs: Work[] = [];
  for (let round = 0; round < rounds; round++) {
    const before = await workSoFar(db);
    await work();
    const after = await workSoFar(db);
    // Reading the counters is itself one command.
    const commands = after.commands - before.commands - 1;
    costs.push({ commands, milliseconds: after.milliseconds - before.milliseconds });
  }
  return {
    commands: median(costs.map(({ commands }) => commands)),
    milliseconds: median(costs.map(({ milliseconds }) => milliseconds)),
  };
}

async function workSoFar(db: Db): Promise<Work> {
  const { opLatencies } = await db.admin().command({ serverStatus: 1 });
  const kinds = ['reads', 'commands', 'writes'].map((kind) => (opLatencies as Document)[kind] as Document);
  const sum = (name: string) => kinds.reduce((total, kind) => total + Number(kind[name]), 0);
  return { commands: sum('ops'), milliseconds: sum('latency') / 1000 };
}

void main();
