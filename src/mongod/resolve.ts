import { MongoClient } from 'mongodb';
import { SchemaError } from '../support/schema-error';
import { openPersistent, type PersistentOptions } from './persistent';
import { MongoUrl } from '../support/mongo-url';

export interface ResolveOptions {
  /** MONGODB_URL; it wins over `embedded`. */
  readonly url?: MongoUrl | undefined;
  /** Whether the embedded server may be started: `--embedded`. */
  readonly embedded?: boolean | undefined;
  /** The command that uses the server, such as 'schema deploy': another command that finds the data in use names it. */
  readonly command?: string;
  readonly env: NodeJS.ProcessEnv;
  /** For tests: other data and another binary. */
  readonly persistent?: Pick<PersistentOptions, 'root' | 'mongod'>;
}

/** `how` is for people and never holds the URL; `stop` ends what was started here, and only that. */
export interface ResolvedServer {
  readonly url: MongoUrl;
  readonly how: string;
  readonly stop: () => Promise<void>;
}

/**
 * The server that a command works on. Nothing is probed: it is the one that is named, or the embedded one.
 * @throws error with code `USAGE` when neither is asked for, or `embedded` in production; NO_SERVER, DATA_IN_USE
 */
export async function resolveServer(options: ResolveOptions): Promise<ResolvedServer> {
  if (options.url) {
    return { url: options.url, how: 'MONGODB_URL', stop: () => Promise.resolve() };
  }
  if (!options.embedded) {
    throw new SchemaError('USAGE', 'No server is named', {
      why: 'MONGODB_URL is not set',
      fix:
        'set it to the connection string of the server, or pass --embedded to use a mongod that is started for this ' +
        'command and keeps its data in .mongodb/',
    });
  }
  if (options.env['NODE_ENV'] === 'production') {
    throw new SchemaError('USAGE', 'Cannot use the embedded server', {
      why: '--embedded is refused while NODE_ENV is production',
      fix: 'set MONGODB_URL to the connection string of the server',
    });
  }
  const command = options.command ?? commandLine();
  const { url, how, stop } = await openPersistent({ env: options.env, ...options.persistent, command, shared: false });
  return { url: new MongoUrl(url), how, stop };
}

/** Program and arguments, as a process list would show them, connection strings left out. */
function commandLine(): string {
  return ['node', ...process.argv.slice(1)].join(' ').replace(/mongodb(\+srv)?:\/\/\S*/g, 'mongodb://…');
}

/** @throws the driver's error when the server does not answer (within 10 s, unless the URL says otherwise) or refuses the login */
export async function serverVersion(url: string | MongoUrl): Promise<string> {
  // An option would beat the same one in the URL.
  const parsed = MongoUrl.of(url);
  const patience = parsed.option('serverSelectionTimeoutMS') === undefined ? { serverSelectionTimeoutMS: 10_000 } : {};
  const client = new MongoClient(parsed.withoutOverridden().reveal(), patience);
  try {
    const info = await client.db('admin').command({ buildInfo: 1 });
    return String(info['version']);
  } finally {
    await client.close();
  }
}
