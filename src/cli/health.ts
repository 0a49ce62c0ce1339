import { createRequire } from 'node:module';
import type { Command } from 'commander';
import { MongoClient, type Db } from 'mongodb';
import { clientOptionsFor } from '../app/options';
import { nameChangelog } from '../database';
import { checkHealth, serveHealth, type Health } from '../health';
import { resolveServer } from '../mongod';
import type * as MetricsRoom from '../metrics';
import type { Metrics } from '../metrics';
import { Pool } from '../metrics/pool';
import { within } from '../support/abort';
import type { MongoUrl } from '../support/mongo-url';
import type { Context } from './context';
import { exitCodes } from './exit-codes';
import { readTargetConfig } from './target';
import { toPort, toSeconds, withCommonOptions, type CommonOptions } from './options';
import { table } from './output';

interface Options extends CommonOptions {
  readonly port: number;
  readonly host: string;
  readonly once?: boolean;
  readonly allowPending?: boolean;
  readonly metrics: boolean;
  /** In seconds, like `metricsTimeout`. */
  readonly metricsAge: number;
  readonly metricsTimeout: number;
  readonly out: string;
}

export function register(program: Command, context: Context): void {
  withCommonOptions(program.command('health'))
    .description(
      'Serves GET /health/db (200, or 503 when the database is down, read-only, or lacks migrations), GET /health/live, and ' +
        'GET /metrics for Prometheus. The user `monitor` of docker/mongo-init.js may read all of it.',
    )
    .option('--port <number>', 'the port to listen on', toPort, 8080)
    .option('--host <address>', 'the address to listen on', '127.0.0.1')
    .option('--allow-pending', 'answer 200 even if migrations are pending')
    .option('--once', 'check once, print the result, and exit with 0 if the database is healthy, else 1')
    .option('--no-metrics', 'do not serve GET /metrics')
    .option('--metrics-age <seconds>', 'how long later scrapes reuse the values of /metrics', toSeconds, 10)
    .option(
      '--metrics-timeout <seconds>',
      'the time limit for reading the values, in addition to the 2 s of /health/db',
      toSeconds,
      5,
    )
    .option('--out <folder>', 'the folder where backups are kept; /metrics shows their age', 'backups')
    .addHelpText(
      'after',
      '\nExamples:\n  $ npm run health -- --port 9000\n  $ curl -i http://127.0.0.1:9000/health/db\n' +
        '  $ curl http://127.0.0.1:9000/metrics\n' +
        '  $ npm run --silent schema -- health --once --json',
    )
    .action((options: Options) => runHealth(context, options));
}

async function runHealth(context: Context, options: Options): Promise<void> {
  const { migrations: folder } = context.folders;
  await withDatabase(context, options, async (db, connection) => {
    if (options.once) {
      const health = await checkHealth(db, { ...options, folder });
      context.print(health, [table(['health', ''], rows(health), context.columns)], options);
      if (!health.healthy) context.exitCode = exitCodes.failed;
      return;
    }
    const metrics = options.metrics ? metricsPage(context, options, db, connection) : undefined;
    const signals = listenForSignal();
    try {
      const pages = metrics && { '/metrics': metrics.scrape };
      const { url, close } = await serveHealth(db, { ...options, folder, ...(pages && { pages }) });
      const { databaseName: database } = db;
      const lines = [
        `${url}/health/db    health of ${database}`,
        `${url}/health/live  health of this process`,
        ...(metrics ? [`${url}/metrics      metrics of ${database} for Prometheus`] : []),
      ];
      context.print({ url, database }, lines, options);
      context.progress('Press Ctrl-C to stop.');
      context.progress(`${await signals.first}: stopping`);
      await close();
    } finally {
      signals.forget();
      await metrics?.close();
    }
  });
}

/** The settings from which another client can connect to the same database. */
interface ConnectedBy {
  readonly url: MongoUrl;
  readonly changelog: string | undefined;
}

/** Loads the modules for metrics only at the first scrape, so that the metrics cost nothing when nobody scrapes them. */
function metricsPage(context: Context, options: Options, db: Db, { url, changelog }: ConnectedBy): Metrics {
  const { migrations: folder } = context.folders;
  const pool = new Pool();
  pool.follow(db.client);
  let made: Metrics | undefined;
  const make = () => {
    const { makeMetrics } = createRequire(__filename)('../metrics') as typeof MetricsRoom;
    return makeMetrics({
      url,
      database: db.databaseName,
      changelog,
      folder,
      backups: options.out,
      check: () => checkHealth(db, { ...options, folder }),
      pool,
      maxAge: options.metricsAge * 1000,
      timeout: options.metricsTimeout * 1000,
      onProblem: (line) => {
        context.progress(line);
      },
    });
  };
  return {
    scrape: () => (made ??= make()).scrape(),
    close: async () => made?.close(),
  };
}

/** Connects without waiting for an answer of the server, unlike the other verbs: "the server is down" is a possible result of this verb. */
async function withDatabase(
  context: Context,
  options: Options,
  work: (db: Db, connection: ConnectedBy) => Promise<void>,
): Promise<void> {
  const { url: configured, database, changelog } = readTargetConfig(context, {});
  const asked = { ...options, url: configured, env: context.env, command: 'schema health' };
  const { url: resolved, stop } = await resolveServer(asked);
  // Ignore the read preference: if it matched no member, the checks could not reach the primary.
  const readPreference = /^(?:readPreference|readPreferenceTags|maxStalenessSeconds)$/i;
  const url = resolved.withOptions((name) => !readPreference.test(name));
  const own = { appName: 'schema-health', minPoolSize: 0, maxPoolSize: 5 };
  // No server selection timeout: each check has its own time limit, and after an aborted first attempt to connect, the driver would not try
  // again.
  const client = new MongoClient(url.reveal(), { ...clientOptionsFor(url, own), serverSelectionTimeoutMS: 0 });
  nameChangelog(client, changelog);
  try {
    await work(client.db(database), { url, changelog });
  } finally {
    // Limit the time: closing sends a last command to the server, which may not answer.
    await within(1_000, client.close(), () => undefined);
    await stop();
  }
}

/** Listens for the first signal. After that signal or after `forget`, the next signal ends the process immediately. */
function listenForSignal(): { readonly first: Promise<NodeJS.Signals>; readonly forget: () => void } {
  const names = ['SIGINT', 'SIGTERM'] as const;
  let listener: NodeJS.SignalsListener = () => undefined;
  const forget = () => {
    for (const name of names) process.off(name, listener);
  };
  const first = new Promise<NodeJS.Signals>((resolve) => {
    listener = (name) => {
      forget();
      resolve(name);
    };
    for (const name of names) process.on(name, listener);
  });
  return { first, forget };
}

function rows({ reasons, ...health }: Health): string[][] {
  return [
    ...Object.entries(health).map(([name, value]) => [name, value === null ? 'unknown' : String(value)]),
    ...reasons.map((reason) => ['', reason]),
  ];
}
