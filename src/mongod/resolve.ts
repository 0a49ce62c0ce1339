import { createRequire } from 'node:module';
import { MongoClient } from 'mongodb';
import { SchemaError } from '../support/schema-error';
import type * as Persistent from './persistent';
import { MongoUrl } from '../support/mongo-url';

export interface ResolveOptions {
  /** The value of MONGODB_URL. This URL takes precedence over `embedded`. */
  readonly url?: MongoUrl | undefined;
  /** Whether the embedded server may be started: `--embedded`. */
  readonly embedded?: boolean | undefined;
  /** The command that uses the server, such as 'schema deploy'. Another command shows this name when the data are in use. */
  readonly command?: string;
  readonly env: NodeJS.ProcessEnv;
  /** For tests: another data folder and binary. */
  readonly persistent?: Pick<Persistent.PersistentOptions, 'root' | 'mongod'>;
}

/** The server to use. `how` is a text for messages and never contains the URL. `stop` ends only a server that `resolveServer` started. */
export interface ResolvedServer {
  readonly url: MongoUrl;
  readonly how: string;
  readonly stop: () => Promise<void>;
}

/**
 * Returns the server that a command works on: the server that the URL names, or the embedded server. Does not check whether the server
 * answers.
 * @throws error with code `USAGE` when neither server is requested, or when `embedded` is set in production; NO_SERVER, DATA_IN_USE
 */
export async function resolveServer(options: ResolveOptions): Promise<ResolvedServer> {
  if (options.url) {
    return { url: options.url, how: 'MONGODB_URL', stop: () => Promise.resolve() };
  }
  if (!options.embedded) {
    throw new SchemaError('USAGE', 'No server is named', {
      why: 'MONGODB_URL is not set',
      fix:
        'set MONGODB_URL to the connection string of the server, or pass --embedded to start a mongod for this ' +
        'command, with its data in .mongodb/',
    });
  }
  if (options.env['NODE_ENV'] === 'production') {
    throw new SchemaError('USAGE', 'Cannot use the embedded server', {
      why: '--embedded is refused while NODE_ENV is production',
      fix: 'set MONGODB_URL to the connection string of the server',
    });
  }
  const command = options.command ?? commandLine();
  // This module is loaded only here: most commands work on a server that is already running.
  const { openPersistent } = createRequire(__filename)('./persistent') as typeof Persistent;
  const { url, how, stop } = await openPersistent({ env: options.env, ...options.persistent, command, shared: false });
  return { url: new MongoUrl(url), how, stop };
}

/** Returns the program and its arguments as a process list would show them, without connection strings. */
function commandLine(): string {
  return ['node', ...process.argv.slice(1)].join(' ').replace(/mongodb(\+srv)?:\/\/\S*/g, 'mongodb://…');
}

/** @throws the driver's error when the server does not answer (within 10 s, unless the URL sets another limit) or refuses the login */
export async function serverVersion(url: string | MongoUrl): Promise<string> {
  // An option that is set here would override the same option in the URL, so the limit is set only if the URL sets none.
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
