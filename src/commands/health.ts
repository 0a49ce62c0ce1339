import type { Command } from 'commander';
import { MongoClient, type Db } from 'mongodb';
import { readConfig } from '../config';
import { clientOptionsFor } from '../connection/options';
import { checkHealth, serveHealth, type Health } from '../operate/health';
import { resolveServer } from '../server';
import { exitCodes } from './exit-codes';
import { toPort, withCommonOptions, type CommonOptions } from './options';
import { print, progress, table } from './output';

interface Options extends CommonOptions {
  readonly port: number;
  readonly host: string;
  readonly once?: boolean;
  readonly allowPending?: boolean;
}

export function registerHealth(program: Command): void {
  withCommonOptions(program.command('health'))
    .summary('answer probes: whether applications can work with the database')
    .description(
      'Answers GET /health/db (200, or 503 when the database is down, read-only, or lacks migrations) and GET /health/live.',
    )
    .option('--port <number>', 'the port to listen on', toPort, 8080)
    .option('--host <address>', 'the address to listen on', '127.0.0.1')
    .option('--allow-pending', 'answer 200 although migrations are pending')
    .option('--once', 'look once, print what was found, and end 0 when it is healthy, else 1')
    .addHelpText(
      'after',
      '\nExamples:\n  $ npm run health -- --port 9000\n  $ curl -i http://127.0.0.1:9000/health/db\n' +
        '  $ npm run --silent schema -- health --once --json',
    )
    .action(runHealth);
}

async function runHealth(options: Options): Promise<void> {
  await withDatabase(options, async (db) => {
    if (options.once) {
      const health = await checkHealth(db, options);
      print(health, [table(['health', ''], rows(health))], options);
      if (!health.healthy) process.exitCode = exitCodes.failed;
      return;
    }
    const ended = firstSignal();
    const { url, close } = await serveHealth(db, options);
    const { databaseName: database } = db;
    const lines = [`${url}/health/db    tells of ${database}`, `${url}/health/live  tells that this process runs`];
    print({ url, database }, lines, options);
    progress('Ctrl-C stops it.');
    progress(`${await ended}: stopping`);
    await close();
  });
}

/** Unlike other verbs this one does not ask who is there first: to tell that nobody is, is its purpose. */
async function withDatabase(options: Options, work: (db: Db) => Promise<void>): Promise<void> {
  const { url: configured, database } = readConfig();
  const server = configured === undefined ? await resolveServer({ ...options, command: 'schema health' }) : undefined;
  const url = configured ?? server?.url ?? '';
  const own = { appName: 'sentimatrix-health', minPoolSize: 0, maxPoolSize: 5 };
  // Each look has its own time limit. A client of the driver whose first attempt to connect ended would make no other.
  const client = new MongoClient(url, { ...clientOptionsFor(url, own), serverSelectionTimeoutMS: 0 });
  try {
    await work(client.db(database));
  } finally {
    await client.close();
    await server?.stop();
  }
}

/** Later signals end the process at once. */
function firstSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, resolve);
  });
}

function rows({ reasons, ...health }: Health): string[][] {
  return [
    ...Object.entries(health).map(([name, value]) => [name, value === null ? 'unknown' : String(value)]),
    ...reasons.map((reason) => ['', reason]),
  ];
}
