import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { MongoClient } from 'mongodb';
import { backup, restore } from '../src/operate/backup';
import { findTools } from '../src/operate/backup/tools';
import { startTestServer } from '../test/support/server';
import { compare } from './compare';

const [few, many] = [20_000, 200_000];
const limit = 1.15;
/** How much more memory ten times the documents may take, in MiB: what is in memory is a few parts of 8 MiB. */
const memoryLimit = 64;

/** A backup that is read back, against a bare `mongodump --gzip --archive`; and the memory of each size. */
async function main(): Promise<void> {
  const [, , url, database, folder] = process.argv;
  if (url !== undefined && database !== undefined && folder !== undefined) {
    await backup({ url, database, folder });
    console.log(process.resourceUsage().maxRSS);
    return;
  }
  const server = await startTestServer();
  const client = await new MongoClient(server.url).connect();
  const place = await mkdtemp(path.join(tmpdir(), 'bench-backup-'));
  try {
    console.log(`mongod ${server.version}, ${server.how}`);
    const peaks: number[] = [];
    for (const documents of [few, many]) {
      const name = `bench_backup_${documents}`;
      await fill(client, name, documents);
      await compareTimes(server.url, name, documents, path.join(place, name));
      peaks.push(await peakOf(server.url, name, path.join(place, name)));
    }
    await proveRoundTrip(server.url, client, `bench_backup_${many}`, path.join(place, 'round-trip'));
    const [small = 0, large = Infinity] = peaks;
    const isBounded = large - small <= memoryLimit;
    const verdict = isBounded ? 'ok' : 'TOO MUCH';
    console.log(
      `memory of ${few} and of ${many} documents\n  ${small} MiB and ${large} MiB, limit ${memoryLimit} more: ${verdict}`,
    );
    if (!isBounded) process.exitCode = 1;
  } finally {
    await rm(place, { recursive: true, force: true });
    await client.close();
    await server.stop();
  }
}

async function compareTimes(url: string, database: string, documents: number, folder: string): Promise<void> {
  const tools = await findTools(url);
  if (!('folder' in tools)) throw new Error('mongodump is needed on PATH: scripts/install_tools.sh');
  const bare = ['--uri', url, '--db', database, '--gzip', `--archive=${folder}.bare`];
  await compare({
    what: `backup of ${documents} documents, read back, against one bare mongodump --gzip --archive`,
    ours: () => timed(() => backup({ url, database, folder })),
    theirs: () => timed(() => execa(path.join(tools.folder, 'mongodump'), bare)),
    rounds: 5,
    limit,
  });
}

/** What is restored must be what was there, by the server's own hash. */
async function proveRoundTrip(url: string, client: MongoClient, database: string, folder: string): Promise<void> {
  const { file } = await backup({ url, database, folder });
  const restored = `${database}_restored`;
  const confirm = () => Promise.resolve(false);
  const elapsed = await timed(() => restore({ url, database: restored, isNamed: true, file, confirm }));
  const hashes = await Promise.all([database, restored].map((name) => client.db(name).command({ dbHash: 1 })));
  const [before, after] = hashes.map((hash) => (hash['collections'] as Record<string, string | undefined>)['results']);
  const isEqual = typeof before === 'string' && before === after;
  console.log(`restored in ${elapsed.toFixed(0)} ms, equal by dbHash: ${isEqual}`);
  if (!isEqual) process.exitCode = 1;
}

async function timed(work: () => PromiseLike<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

/** The most memory that a process needs for a backup, in MiB. */
async function peakOf(url: string, database: string, folder: string): Promise<number> {
  const { stdout } = await execa('node', ['-r', 'ts-node/register', __filename, url, database, folder]);
  return Math.round(Number(stdout) / 1024);
}

async function fill(client: MongoClient, database: string, documents: number): Promise<void> {
  const results = client.db(database).collection('results');
  const words =
    'battery arrived late support friendly quick screen good bad terrible wonderful value broken love'.split(' ');
  const text = () => Array.from({ length: 40 }, () => words[Math.floor(Math.random() * words.length)]).join(' ');
  for (let from = 0; from < documents; from += 10_000) {
    await results.insertMany(Array.from({ length: 10_000 }, (_, at) => ({ number: from + at, text: text() })));
  }
}

void main();
