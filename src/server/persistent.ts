import { join } from 'node:path';
import { acquireData, type Claim } from './data-lock';
import { startEmbedded } from './embedded';
import { findMongod, type FoundMongod } from './find-mongod';
import { majorMinor } from './mongod-version';
import { embeddedRoot } from './paths';
import { checkPort } from './port';

export interface PersistentOptions extends Claim {
  readonly port?: number;
  /** Instead of the checkout's own `.mongodb/`. */
  readonly root?: string;
  readonly mongod?: FoundMongod;
}

/** `startedBy` is the pid of the shared server's program when this one only joined it; `stop` then does nothing. */
export interface PersistentServer {
  readonly url: string;
  readonly how: string;
  readonly dataDir: string;
  readonly startedBy?: number;
  readonly stop: () => Promise<void>;
}

/**
 * The embedded server whose data stay, in one folder per version (`.mongodb/7.0/`): started, or joined where a shared
 * one runs.
 * @throws ServerError DATA_IN_USE, PORT_TAKEN, NO_SERVER
 */
export async function openPersistent(options: PersistentOptions): Promise<PersistentServer> {
  const mongod = options.mongod ?? (await findMongod());
  const dataDir = join(options.root ?? embeddedRoot(), majorMinor(mongod.version));
  const { command, shared } = options;
  const acquired = await acquireData(`${dataDir}.json`, { command, shared });
  if (!('lock' in acquired)) {
    const { url, pid } = acquired;
    const how = `embedded mongod (the one that process ${pid} runs)`;
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
