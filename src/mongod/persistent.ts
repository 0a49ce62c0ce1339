import { once } from 'node:events';
import { createServer } from 'node:net';
import { join, sep } from 'node:path';
import { packageRoot } from '../support/package-root';
import { SchemaError } from '../support/schema-error';
import { codeOf } from '../support/system-error';
import { acquireData, type Claim } from './data-lock';
import { startEmbedded } from './embedded';
import { findMongod, type FoundMongod } from './find-mongod';

export interface PersistentOptions extends Claim {
  readonly port?: number;
  /** The folder to use instead of `.mongodb/` in the checkout or the working directory. */
  readonly root?: string;
  readonly mongod?: FoundMongod;
  /** The environment for the search for a mongod. The default is the environment of the process. */
  readonly env?: NodeJS.ProcessEnv | undefined;
}

/**
 * A server with persistent data. If a shared server was already running, `startedBy` is the pid of the program that started it, and `stop`
 * does nothing.
 */
export interface PersistentServer {
  readonly url: string;
  readonly how: string;
  readonly dataDir: string;
  readonly startedBy?: number;
  readonly stop: () => Promise<void>;
}

/**
 * Opens the embedded server with persistent data, in one folder per version (`.mongodb/7.0/`). Starts this server, or uses a shared
 * server that is already running.
 * @throws error with code `DATA_IN_USE`, PORT_TAKEN, NO_SERVER
 */
export async function openPersistent(options: PersistentOptions): Promise<PersistentServer> {
  const mongod = options.mongod ?? (await findMongod({ env: options.env }));
  const dataDir = join(options.root ?? embeddedRoot(), majorMinor(mongod.version));
  const { command, shared } = options;
  const acquired = await acquireData(`${dataDir}.json`, { command, shared });
  if (!('lock' in acquired)) {
    const { url, pid } = acquired;
    const how = `embedded mongod (run by process ${pid})`;
    return { url, how, dataDir, startedBy: pid, stop: () => Promise.resolve() };
  }
  const { lock } = acquired;
  try {
    const { port } = options;
    if (port !== undefined) await checkPort(port);
    const server = await startEmbedded({ mongod, dataDir, ...(port === undefined ? {} : { port }) });
    const [member] = server.members;
    if (member !== undefined) await lock.announce(server.url, member.pid);
    return {
      url: server.url,
      how: server.how,
      dataDir,
      stop: async () => {
        await server.stop();
        await lock.release();
      },
    };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/**
 * Returns the folder that contains the data folders, one per version. An update replaces the whole folder of an installed package, so an
 * installed package keeps its data in the working directory.
 */
function embeddedRoot(): string {
  const root = packageRoot();
  return join(root.split(sep).includes('node_modules') ? process.cwd() : root, '.mongodb');
}

/** Returns '7.0' for '7.0.28'. The data files of one such version are never opened by a server of another version. */
function majorMinor(version: string): string {
  return version.split('.').slice(0, 2).join('.');
}

/**
 * Checks that a given port is free before mongod is started, because mongod's own message is a page of log.
 * @throws error with code `PORT_TAKEN`
 */
async function checkPort(port: number): Promise<void> {
  const probe = createServer();
  try {
    probe.listen(port, '127.0.0.1');
    await once(probe, 'listening'); // Rejects with the error event.
  } catch (error) {
    if (codeOf(error) !== 'EADDRINUSE') throw error;
    throw new SchemaError('PORT_TAKEN', `Cannot start mongod on port ${port}`, {
      why: 'another program listens on it',
      fix: `stop that program, or choose another port: \`npm run db -- --port ${port + 1}\``,
      cause: error,
    });
  } finally {
    probe.close();
  }
}
