import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { takeFileLock, type Holder } from '../support/file-lock';
import { identify, processSpace, waitForEnd } from '../support/processes';
import { SchemaError } from '../support/schema-error';

/** The content of the file next to a data folder. The file describes the process that uses the data. */
const useShape = z.object({
  /** The name of the command, for messages. */
  command: z.string(),
  /** Whether other commands may use the server. `npm run db` shares its server; other commands stop their own server when they end. */
  shared: z.boolean(),
  /** The address of the server, once it runs. */
  url: z.string().optional(),
  mongod: z.object({ pid: z.number(), started: z.string().optional() }).optional(),
});
type Use = z.infer<typeof useShape>;

export interface DataLock {
  /** Records the address of the server, and the process to wait for after a crash. */
  readonly announce: (url: string, mongodPid: number) => Promise<void>;
  readonly release: () => Promise<void>;
}

/** Either the lock on the data, or a running shared server that uses the data. */
export type Acquired = { readonly lock: DataLock } | { readonly url: string; readonly pid: number };

export type Claim = Pick<Use, 'command' | 'shared'>;

/**
 * How long to wait for the end of a server whose program has died, in milliseconds. Within about 2 s after the program of a server dies, a
 * watching process ends the server, which then shuts down.
 */
const orphanPatience = 8_000;

const summary = 'The data of the embedded server are in use';

/**
 * Takes the lock on a data folder. `file` records which process uses the folder. If a shared server uses the data, returns this server
 * instead of the lock.
 * @throws error with code `DATA_IN_USE` that names the process that holds the lock
 */
export async function acquireData(file: string, claim: Claim): Promise<Acquired> {
  await mkdir(dirname(file), { recursive: true });
  const taken = await takeFileLock<Use>(file, { note: claim, noteShape: useShape, onDead: endOrphan });
  if ('lock' in taken) {
    const { update, release } = taken.lock;
    return { lock: { announce: (url, pid) => update({ ...claim, url, mongod: identify(pid) }), release } };
  }
  const { holder } = taken;
  if (holder?.shared && holder.url !== undefined) return { url: holder.url, pid: holder.pid };
  throw inUse(file, holder);
}

function inUse(file: string, holder: (Holder & Use) | undefined): SchemaError {
  if (holder === undefined) {
    return new SchemaError('DATA_IN_USE', 'It is unknown whether the data of the embedded server are in use', {
      why: `${file} does not say which process uses the data`,
      fix: 'if no process uses the data, remove this file',
    });
  }
  return new SchemaError('DATA_IN_USE', summary, {
    why: `process ${holder.pid} (${holder.command}) uses the data, according to ${file}`,
    fix: holder.shared
      ? 'it is starting: try again in a few seconds'
      : 'wait until it has ended; to use one server from several commands, keep it running with `npm run db`',
  });
}

/**
 * Waits until an orphaned server has ended. After a crash of its program, the server may run for a moment. If the process that watches it
 * died too, this function ends the server.
 */
async function endOrphan({ space, mongod }: Holder & Use): Promise<void> {
  // This process cannot end processes of another machine or container.
  if (space !== processSpace()) return;
  if (mongod === undefined) return sleep(orphanPatience / 2); // The server was starting, so its pid is unknown.
  if (await waitForEnd(mongod, orphanPatience)) return;
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    process.kill(mongod.pid, signal);
    if (await waitForEnd(mongod, orphanPatience)) return;
  }
  throw new SchemaError('DATA_IN_USE', summary, {
    why: `mongod ${mongod.pid} of an earlier run does not end`,
    fix: `kill it: kill -9 ${mongod.pid}`,
  });
}
