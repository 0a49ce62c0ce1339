import { readConfig, type Config } from '../database/environment';
import type { ServerFacts, Target } from '../database';
import type { MongoUrl } from '../support/mongo-url';
import { busy } from './busy';
import type { Context } from './context';
import { resolveServer, waitForServer } from '../mongod';
import { stoppable } from './signals';

export interface TargetOptions {
  readonly embedded?: boolean;
  /** In place of the environment's MONGODB_URL and MONGODB_DATABASE. */
  readonly mongodbUrl?: string | undefined;
  /** In place of the environment's MONGODB_URL where that is not set. */
  readonly fallbackUrl?: string | undefined;
  /** In place of the environment's MONGODB_DATABASE. */
  readonly database?: string | undefined;
  /** How long to wait until the server can be used, in seconds. */
  readonly wait?: number;
}

/** Where a verb works, and how that was found. */
export interface CommandTarget extends Target {
  readonly url: MongoUrl;
  readonly leaseSeconds: number;
  readonly changelog: string | undefined;
  /** The commit that the environment names. */
  readonly commit: string | undefined;
  readonly env: NodeJS.ProcessEnv;
  /** The container that serves the database where Docker does. */
  readonly container: string;
  /** The folder of the migrations. */
  readonly folder: string;
  /** For people and for the `--json` document, once the server was reached; never the connection string. */
  readonly server: { readonly how: string; readonly database: string; readonly version: string };
  readonly onConnect: (server: ServerFacts) => void;
  readonly onWait: (hosts: string) => void;
}

/**
 * Finds the database that the environment names (or starts the embedded one), says which it is, and stops what it
 * started after the work.
 * @throws error with code `USAGE` when MONGODB_URL is not set and `embedded` is not asked for.
 */
export async function withTarget<T>(
  context: Context,
  verb: string,
  { wait = 0, ...options }: TargetOptions,
  work: (target: CommandTarget) => Promise<T>,
): Promise<T> {
  const { mongodbUrl, embedded } = options;
  const { env } = context;
  const { container } = context.product;
  const { migrations: folder } = context.folders;
  const config = readTargetConfig(context, options);
  const { url: configured, database, allowSharded, changelog, leaseSeconds, commit } = config;
  if (configured !== undefined && wait > 0) {
    const onWait = (reason: string) => {
      context.progress(`waiting for the server: ${reason}`);
    };
    await stoppable(context, (signal) => waitForServer(configured, { seconds: wait, onWait, signal }));
  }
  const { stop, ...resolved } = await busy(context, 'starting the embedded mongod', () =>
    resolveServer({ url: configured, embedded, command: `schema ${verb}`, env }),
  );
  const { url } = resolved;
  const how = mongodbUrl === undefined ? resolved.how : '--mongodb-url';
  const server = { how, database, version: '' };
  const onConnect = ({ version }: ServerFacts) => {
    // A verb may connect more than once.
    if (server.version !== '') return;
    server.version = version;
    context.progress(`mongod ${version}, ${how}, database ${database}`);
    if (url.overridden.length === 0) return;
    context.progress(
      `notice: ${url.overridden.join(', ')} in MONGODB_URL is not used: migrations read from the primary and wait for a majority.`,
    );
  };
  const onWait = (hosts: string) => {
    context.progress(`waiting for the server at ${hosts}`);
  };
  try {
    const where = { url, database, allowSharded, changelog, folder };
    return await work({ ...where, leaseSeconds, commit, env, container, server, onConnect, onWait });
  } finally {
    await busy(context, 'stopping the embedded mongod', stop);
  }
}

/**
 * The settings of the environment, overridden by those of the command line.
 * @throws error with code `USAGE` that lists everything that is wrong with it
 */
export function readTargetConfig(
  { env, product }: Pick<Context, 'env' | 'product'>,
  { mongodbUrl, fallbackUrl, database }: Pick<TargetOptions, 'mongodbUrl' | 'fallbackUrl' | 'database'>,
): Config & { readonly database: string } {
  const config = readConfig({
    ...env,
    ...(fallbackUrl !== undefined && !env['MONGODB_URL'] && { MONGODB_URL: fallbackUrl }),
    ...(mongodbUrl !== undefined && { MONGODB_URL: mongodbUrl, MONGODB_PASSWORD_FILE: '', MONGODB_DATABASE: '' }),
    ...(database !== undefined && { MONGODB_DATABASE: database }),
  });
  return { ...config, database: config.database ?? product.defaultDatabase };
}
