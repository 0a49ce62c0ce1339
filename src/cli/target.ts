import { readConfig, type Config } from '../database/environment';
import type { ServerFacts, Target } from '../database';
import type { MongoUrl } from '../support/mongo-url';
import { busy } from './busy';
import { cacheFolder } from './cache-folder';
import type { Context } from './context';
import { resolveServer } from '../mongod/resolve';
import { waitForServer } from '../mongod/wait';
import { stoppable } from './signals';

export interface TargetOptions {
  readonly embedded?: boolean;
  /** Replaces MONGODB_URL and MONGODB_DATABASE of the environment. */
  readonly mongodbUrl?: string | undefined;
  /** Used when the environment has no MONGODB_URL. */
  readonly fallbackUrl?: string | undefined;
  /** Replaces MONGODB_DATABASE of the environment. */
  readonly database?: string | undefined;
  /** How long to wait until the server is usable, in seconds. */
  readonly wait?: number;
  /** Called before a server is started or contacted. It may throw an error to refuse the command. */
  readonly refuse?: () => void;
}

/** The database that a verb works on, and how it was found. */
export interface CommandTarget extends Target {
  readonly url: MongoUrl;
  readonly leaseSeconds: number;
  readonly changelog: string | undefined;
  /** The commit that the history records, from the environment. */
  readonly commit: string | undefined;
  readonly env: NodeJS.ProcessEnv;
  /** The Docker container that may run the database. */
  readonly container: string;
  /** The folder of the migrations. */
  readonly folder: string;
  /**
   * The folder for cached schemas of applied migrations. Undefined (no cache) when this program runs from its sources, which can change at
   * any time.
   */
  readonly keptFolds: string | undefined;
  /**
   * Describes the server for people and for the `--json` document. `version` is known after the first connection. Never contains the
   * connection string.
   */
  readonly server: { readonly how: string; readonly database: string; readonly version: string };
  readonly onConnect: (server: ServerFacts) => void;
  readonly onWait: (hosts: string) => void;
}

/**
 * Finds the database that the environment names, or starts the embedded one. Prints which database it is, runs the work, and stops the
 * embedded database if it was started.
 * @throws error with code `USAGE` when MONGODB_URL is not set and `embedded` is not asked for.
 */
export async function withTarget<T>(
  context: Context,
  verb: string,
  { wait = 0, refuse, ...options }: TargetOptions,
  work: (target: CommandTarget) => Promise<T>,
): Promise<T> {
  const { mongodbUrl, embedded } = options;
  const { env } = context;
  const { container } = context.product;
  const { migrations: folder } = context.folders;
  const config = readTargetConfig(context, options);
  const { url: configured, database, allowSharded, changelog, leaseSeconds, commit } = config;
  refuse?.();
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
    // A verb may connect more than once, but print the server only the first time.
    if (server.version !== '') return;
    server.version = version;
    context.progress(`mongod ${version}, ${how}, database ${database}`);
    if (url.overridden.length === 0) return;
    context.progress(
      `notice: ${url.overridden.join(', ')} in MONGODB_URL is ignored: migrations read from the primary and wait for a majority.`,
    );
  };
  const onWait = (hosts: string) => {
    context.progress(`waiting for the server at ${hosts}`);
  };
  try {
    const where = { url, database, allowSharded, changelog, folder };
    const keptFolds = __filename.endsWith('.js') ? cacheFolder('folds') : undefined;
    return await work({ ...where, keptFolds, leaseSeconds, commit, env, container, server, onConnect, onWait });
  } finally {
    await busy(context, 'stopping the embedded mongod', stop);
  }
}

/**
 * Returns the settings from the environment variables. Settings on the command line replace them.
 * @throws error with code `USAGE` that lists every invalid setting
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
