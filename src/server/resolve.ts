import { MongoClient } from 'mongodb';
import { ServerError } from './errors';
import { openPersistent, type PersistentOptions } from './persistent';

export interface ResolveOptions {
  /** MONGODB_URL, or empty; it wins over `embedded`. */
  readonly url?: string | undefined;
  /** Whether the embedded server may be started: `--embedded`. */
  readonly embedded?: boolean | undefined;
  /** What asks, for the message that another command gets meanwhile: 'schema deploy'. */
  readonly command?: string;
  /** Defaults to `process.env`. */
  readonly env?: NodeJS.ProcessEnv;
  /** For tests: other data and another binary. */
  readonly persistent?: Pick<PersistentOptions, 'root' | 'mongod'>;
}

/** `how` is for people and never holds the URL; `stop` ends what was started here, and only that. */
export interface ResolvedServer {
  readonly url: string;
  readonly how: string;
  /** Of the server itself: '7.0.28'. */
  readonly version: string;
  readonly stop: () => Promise<void>;
}

/**
 * The server that a command works on. Nothing is probed: it is the one that is named, or the embedded one.
 * @throws ServerError USAGE when neither is asked for, or `embedded` in production; NO_SERVER, DATA_IN_USE; the
 *   driver's error when the named server does not answer
 */
export async function resolveServer(options: ResolveOptions): Promise<ResolvedServer> {
  if (options.url) {
    return { url: options.url, how: 'MONGODB_URL', version: await serverVersion(options.url), stop: nothing };
  }
  if (!options.embedded) {
    throw new ServerError(
      'USAGE',
      'MONGODB_URL is not set: set it to the connection string of the server, or pass --embedded to use a mongod that ' +
        'is started for this command and keeps its data in .mongodb/',
    );
  }
  if ((options.env ?? process.env)['NODE_ENV'] === 'production') {
    throw new ServerError('USAGE', '--embedded is refused while NODE_ENV is production: set MONGODB_URL instead');
  }
  const command = options.command ?? commandLine();
  const { url, how, stop } = await openPersistent({ ...options.persistent, command, shared: false });
  try {
    return { url, how, version: await serverVersion(url), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Program and arguments, as a process list would show them, connection strings left out. */
function commandLine(): string {
  return ['node', ...process.argv.slice(1)].join(' ').replace(/mongodb(\+srv)?:\/\/\S*/g, 'mongodb://…');
}

/** @throws the driver's error when the server does not answer (within 10 s, unless the URL says otherwise) or refuses the login */
export async function serverVersion(url: string): Promise<string> {
  // An option would beat the same one in the URL.
  const patience = /[?&]serverSelectionTimeoutMS=/i.test(url) ? {} : { serverSelectionTimeoutMS: 10_000 };
  const client = new MongoClient(url, patience);
  try {
    const info = await client.db('admin').command({ buildInfo: 1 });
    return String(info['version']);
  } finally {
    await client.close();
  }
}

function nothing(): Promise<void> {
  return Promise.resolve();
}
