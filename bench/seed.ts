import { execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { BSON, MongoClient } from 'mongodb';
import { seed } from '../seeders/run/seed';
import { results } from '../seeders/results';
import { makeMany } from '../seeders/seeder';
import { startOfDay, type World } from '../seeders/world';
import { deploy } from '../src/deploy';
import type { Result } from '../models';
import { startTestServer } from '../test/support/server';
import { keep, median } from './results';

const documents = 200_000;
/** The number of rounds. One is enough: each of the three runs takes minutes, so short changes in machine speed average out. */
const rounds = 1;
/**
 * The minimum ratios of the documents per second, to a single plain insertMany and to mongoimport. They are for two cores, where the
 * server's own work sets the limit.
 */
const [leastShare, leastTimes] = [1.3, 1.6];
/** The maximum peak memory, in megabytes. */
const memoryLimit = 300;
const curve = [10_000, 25_000, 50_000, 100_000];

const projects = 100;
const sizeFor = (count: number) => ({ users: 10, projects: projects / 10, results: count / projects });

interface Run {
  readonly milliseconds: number;
  /** The peak memory of the process, in megabytes. */
  readonly memory: number;
}

/** Seeds in this child process, and sends the duration and the peak memory to the parent. */
async function child(url: string, database: string, count: number): Promise<void> {
  const started = performance.now();
  await seed({ url, database, ...sizeFor(count) });
  const run: Run = { milliseconds: performance.now() - started, memory: process.resourceUsage().maxRSS / 1024 };
  process.send?.(run);
}

/** Measures a whole seeding: the check of existing data, the password hash, the start of the worker, and all collections. */
async function timeSeed(url: string, database: string, count: number): Promise<Run> {
  const running = fork(__filename, [url, database, String(count)]);
  const failed = once(running, 'exit').then(([code]) => {
    throw new Error(`seeding ${count} results ended with exit code ${String(code)}`);
  });
  const [run] = (await Promise.race([once(running, 'message'), failed])) as [Run];
  failed.catch(() => undefined);
  return run;
}

async function timeInsertMany(url: string, database: string, made: Result[]): Promise<number> {
  const client = await new MongoClient(url).connect();
  const started = performance.now();
  await client.db(database).collection<Result>('results').insertMany(made, { ordered: false });
  const elapsed = performance.now() - started;
  await client.close();
  return elapsed;
}

async function timeMongoimport(program: string, url: string, database: string, file: string): Promise<number> {
  const started = performance.now();
  await promisify(execFile)(program, ['--uri', url, '--db', database, '--collection', 'results', '--file', file]);
  return performance.now() - started;
}

function printRow(count: number, { milliseconds, memory }: Run): void {
  const [each, rate] = [(milliseconds * 1000) / count, (count / milliseconds) * 1000];
  const cells = [String(count).padStart(7), each.toFixed(0).padStart(9), rate.toFixed(0).padStart(12)];
  console.log(`${cells.join(' ')} ${memory.toFixed(0).padStart(9)}`);
}

async function main(): Promise<void> {
  const tools = await promisify(execFile)(path.join(__dirname, '..', 'scripts', 'install_tools.sh'));
  const program = path.join(tools.stdout.trim(), 'mongoimport');
  const world: World = { seed: 1, size: sizeFor(documents), now: startOfDay(new Date()), passwordHash: '' };
  const made = makeMany(results, world, 0, documents);
  const folder = await mkdtemp(path.join(tmpdir(), 'bench-seed-'));
  const file = path.join(folder, 'results.json');
  const lines = Readable.from(made).map((one) => `${BSON.EJSON.stringify(one, { relaxed: false })}\n`);
  await pipeline(lines, createWriteStream(file));
  const server = await startTestServer();
  const client = await new MongoClient(server.url).connect();
  let databases = 0;
  const peaks: number[] = [];
  const shares: number[] = [];
  const times: number[] = [];
  const onFullSchema = async <T>(work: (database: string) => Promise<T>): Promise<T> => {
    const database = `bench_seed_${databases++}`;
    await deploy({ url: server.url, database });
    try {
      return await work(database);
    } finally {
      await client.db(database).dropDatabase();
    }
  };
  try {
    console.log(`mongod ${server.version}, ${server.how}\nresults   µs each   per second   peak MB`);
    for (const count of curve) {
      const run = await onFullSchema((database) => timeSeed(server.url, database, count));
      printRow(count, run);
      peaks.push(run.memory);
    }
    for (let round = 0; round < rounds; round++) {
      const run = await onFullSchema((database) => timeSeed(server.url, database, documents));
      const bare = await onFullSchema((database) => timeInsertMany(server.url, database, made));
      const imported = await onFullSchema((database) => timeMongoimport(program, server.url, database, file));
      const rates = [bare, imported].map((elapsed) => Math.round((documents / elapsed) * 1000));
      printRow(documents, run);
      console.log(`        per second: insertMany ${rates[0]}, mongoimport ${rates[1]}`);
      peaks.push(run.memory);
      shares.push(bare / run.milliseconds);
      times.push(imported / run.milliseconds);
    }
    const [share, factor, peak] = [median(shares), median(times), Math.max(...peaks)];
    const perSecond = (other: string) =>
      `documents per second of a seed of ${documents} results, as a multiple of ${other}`;
    const least = { kind: 'bound', unit: '', isLeast: true } as const;
    keep({ ...least, what: perSecond('one bare insertMany'), value: share, limit: leastShare });
    keep({ ...least, what: perSecond('mongoimport'), value: factor, limit: leastTimes });
    keep({ kind: 'bound', what: 'peak memory of a seed', unit: 'MB', value: peak, limit: memoryLimit });
  } finally {
    await client.close();
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

const [url, database, count] = process.argv.slice(2);
if (url !== undefined && database !== undefined) void child(url, database, Number(count));
else void main();
