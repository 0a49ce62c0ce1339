import { endOf } from '../support/end-signals';
import { SchemaError } from '../support/schema-error';
import { openPersistent, type PersistentOptions } from './persistent';
import { serverVersion } from './resolve';

export interface RunDbOptions {
  /** The port of the server. The default is 27017. */
  readonly port?: number;
  /** The environment for the search for a mongod. The default is the environment of the process. */
  readonly env?: NodeJS.ProcessEnv;
  /** Stops the server, as Ctrl-C does. */
  readonly signal?: AbortSignal;
  /** Receives each line of the output. By default, the lines are printed to stdout. */
  readonly print?: (line: string) => void;
  /** For tests: another data folder and binary. */
  readonly persistent?: Pick<PersistentOptions, 'root' | 'mongod'>;
}

/**
 * Runs the embedded server until Ctrl-C, SIGTERM or `signal`, then stops it cleanly and returns.
 * @throws error with code `PORT_TAKEN`, DATA_IN_USE, NO_SERVER
 */
export async function runDb(options: RunDbOptions = {}): Promise<void> {
  const { port = 27017, env, signal, print = console.log } = options;
  const ended = endOf(signal);
  const server = await openPersistent({ env, ...options.persistent, port, command: 'npm run db', shared: true });
  if (server.startedBy !== undefined) {
    throw new SchemaError('DATA_IN_USE', 'The embedded server is already running', {
      why: `process ${server.startedBy} runs it, at ${server.url}`,
      fix: 'use that server: commands find it with --embedded',
    });
  }
  try {
    print(`mongod ${await serverVersion(server.url)}, ${server.how}, data in ${server.dataDir}`);
    print(`MONGODB_URL='${server.url}'`);
    print('Press Ctrl-C to stop.');
    await ended.promise;
    print('stopping');
  } finally {
    ended.forget();
    await server.stop();
  }
}
