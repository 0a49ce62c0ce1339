import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { MongoClient } from 'mongodb';
import { backup, restore } from '../src/backup';
import { findTools } from '../src/backup/tools';
import { startTestServer } from '../test/support/server';
import { compare, timed } from './compare';
import { peakMemory, printPeak } from './memory';
import { keep } from './results';

const [few, many] = [20_000, 200_000];
const limit = 0.6;
/**
 * The limits by number of documents. A restore first checks the file, and then reads all loaded documents again. With few documents, the
 * fixed cost of a restore matters more.
 */
const restoreLimits: Readonly<Record<number, number>> = { [few]: 2, [many]: 1.2 };
/** How much more memory a run may use for ten times as many documents, in MiB. A run keeps only a few parts of 8 MiB in memory. */
const memoryLimit = 64;

/**
 * Compares a backup, including its verification, to plain `mongodump --gzip --archive`, and a restore, including its comparison, to plain
 * `mongorestore`. Measures the memory for each number of documents.
 */
async function main(): Promise<void> {
  const [, , url, database, folder, file] = process.argv;
  if (url !== undefined && database !== undefined && folder !== undefined) {
    if (file === undefined) await backup({ url, database, folder });
    else await restoreInto(url, database, file);
    printPeak();
    return;
  }
  const server = await startTestServer();
  const client = await new MongoClient(server.url).connect();
  const place = await mkdtemp(path.join(tmpdir(), 'bench-backup-'));
  try {
    console.log(`mongod ${server.version}, ${server.how}`);
    const peaks: number[] = [];
    const restorePeaks: number[] = [];
    for (const documents of [few, many]) {
      const name = `bench_backup_${documents}`;
      await fill(client, name, documents);
      await compareTimes(server.url, name, documents, path.join(place, name));
      peaks.push(await peakOf(server.url, name, path.join(place, name)));
      const { file } = await backup({ url: server.url, database: name, folder: path.join(place, name) });
      await compareRestores(server.url, client, { name, documents, file, bare: `${path.join(place, name)}.bare` });
      restorePeaks.push(await peakOf(server.url, `${name}_peak`, place, file));
      await client.db(`${name}_peak`).dropDatabase();
    }
    await proveRoundTrip(server.url, client, `bench_backup_${many}`, path.join(place, 'round-trip'));
    judgeMemory('a backup', peaks);
    judgeMemory('a restore', restorePeaks);
  } finally {
    await rm(place, { recursive: true, force: true });
    await client.close();
    await server.stop();
  }
}

function judgeMemory(what: string, [small = 0, large = Infinity]: readonly number[]): void {
  console.log(`memory of ${what}: ${small} MiB of ${few} documents, ${large} MiB of ${many}`);
  keep({
    kind: 'bound',
    what: `how much more memory ${what} of ${many} documents takes than one of ${few}`,
    unit: 'MiB',
    value: large - small,
    limit: memoryLimit,
  });
}

interface Restored {
  readonly name: string;
  readonly documents: number;
  readonly file: string;
  /** The archive of plain mongodump. */
  readonly bare: string;
}

async function compareRestores(url: string, client: MongoClient, { name, documents, file, bare }: Restored) {
  const tools = await findTools({ url });
  if (!('folder' in tools)) throw new Error('mongorestore is needed on PATH: scripts/install_tools.sh');
  const [ours, theirs] = [`${name}_ours`, `${name}_theirs`];
  const args = ['--uri', url, '--gzip', `--archive=${bare}`, `--nsFrom=${name}.*`, `--nsTo=${theirs}.*`];
  const fresh = async (database: string, work: () => PromiseLike<unknown>) => {
    await client.db(database).dropDatabase();
    return timed(work);
  };
  await compare({
    what: `restore of ${documents} documents, with all its checks, compared with one bare mongorestore`,
    ours: () => fresh(ours, () => restoreInto(url, ours, file)),
    theirs: () => fresh(theirs, () => execa(path.join(tools.folder, 'mongorestore'), args)),
    rounds: 5,
    limit: restoreLimits[documents] ?? 1.2,
  });
  for (const database of [ours, theirs]) await client.db(database).dropDatabase();
}

function restoreInto(url: string, database: string, file: string) {
  return restore({ url, database, isNamed: true, file, confirm: () => Promise.resolve(false) });
}

async function compareTimes(url: string, database: string, documents: number, folder: string): Promise<void> {
  const tools = await findTools({ url });
  if (!('folder' in tools)) throw new Error('mongodump is needed on PATH: scripts/install_tools.sh');
  const bare = ['--uri', url, '--db', database, '--gzip', `--archive=${folder}.bare`];
  await compare({
    what: `backup of ${documents} documents, read back, compared with one bare mongodump --gzip --archive`,
    ours: () => timed(() => backup({ url, database, folder })),
    theirs: () => timed(() => execa(path.join(tools.folder, 'mongodump'), bare)),
    rounds: 5,
    limit,
  });
}

/** Proves with `dbHash` that the restored database equals the original. */
async function proveRoundTrip(url: string, client: MongoClient, database: string, folder: string): Promise<void> {
  const { file } = await backup({ url, database, folder });
  const restored = `${database}_restored`;
  const elapsed = await timed(() => restoreInto(url, restored, file));
  const hashes = await Promise.all([database, restored].map((name) => client.db(name).command({ dbHash: 1 })));
  const [before, after] = hashes.map((hash) => (hash['collections'] as Record<string, string | undefined>)['results']);
  const isEqual = typeof before === 'string' && before === after;
  console.log(`restored in ${elapsed.toFixed(0)} ms, equal by dbHash: ${isEqual}`);
  if (!isEqual) throw new Error('the restored database differs from the original');
}

/** Returns the peak memory of a process that makes a backup, or restores `file`, in MiB. */
function peakOf(url: string, database: string, folder: string, file?: string): Promise<number> {
  return peakMemory(__filename, [url, database, folder, ...(file === undefined ? [] : [file])]);
}

async function fill(client: MongoClient, database: string, documents: number): Promise<void> {
  const results = client.db(database).collection('results');
  const words =
    'battery arrived late support friendly quick screen good bad terrible wonderful value broken love'.split(' ');
  const text = () => Array.from({ length: 40 }, () => words[Math.floor(Math.random() * words.length)]).join(' ');
  for (let from = 0; from < documents; from += 10_000) {
    await results.insertMany(Array.from({ length: 10_000 }, (_, at) => ({ number: from + at, text: text() })));
  }
  await results.createIndex({ number: 1 });
}

void main();
