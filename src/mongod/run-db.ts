import { endOf } from '../support/end-signals';
import { SchemaError } from '../support/schema-error';
import { openPersistent, type PersistentOptions } from './persistent';
import { serverVersion } from './resolve';

export interface RunDbOptions {
  /** 27017 when absent. */
  readonly port?: number;
  /** Where a mongod is looked for; the process's own when absent. */
  readonly env?: NodeJS.ProcessEnv;
  /** Ends the server, as Ctrl-C does. */
  readonly signal?: AbortSignal;
  /** Receives each line for people; they go to stdout when absent. */
  readonly print?: (line: string) => void;
  /** For tests: other data and another binary. */
  readonly persistent?: Pick<PersistentOptions, 'root' | 'mongod'>;
}

/**
 * Keeps the embedded server running until Ctrl-C, SIGTERM or `signal`, then stops it cleanly and returns.
 * @throws error with code `PORT_TAKEN`, DATA_IN_USE, NO_SERVER
 */
export async function runDb(options: RunDbOptions = {}): Promise<void> {
  const { port = 27017, env, signal, print = console.log } = options;
  const ended = endOf(signal);
  const server = await openPersistent({ env, ...options.persistent, port, command: 'npm run db', shared: true });
  if (server.startedBy !== undefined) {
    throw new SchemaError('DATA_IN_USE', 'The embedded server runs already', {
      why: `process ${server.startedBy} runs it, at ${server.url}`,
      fix: 'use that one: commands find it with --embedded',
    });
  }
  try {
    print(`mongod ${await serverVersion(server.url)}, ${server.how}, data in ${server.dataDir}`);
    print(`MONGODB_URL='${server.url}'`);
    print('Ctrl-C stops it.');
    await ended.promise;
    print('stopping');
  } finally {
    ended.forget();
    await server.stop();
  }
}
