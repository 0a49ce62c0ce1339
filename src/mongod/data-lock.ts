import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { takeFileLock, type Holder } from '../support/file-lock';
import { identify, processSpace, waitForEnd } from '../support/processes';
import { SchemaError } from '../support/schema-error';

/** What the file beside a data folder says of who uses it. */
const useShape = z.object({
  /** What people see in messages. */
  command: z.string(),
  /** Whether others may use the server: `npm run db` offers it, a one-off command stops it when done. */
  shared: z.boolean(),
  /** Known once the server runs. */
  url: z.string().optional(),
  mongod: z.object({ pid: z.number(), started: z.string().optional() }).optional(),
});
type Use = z.infer<typeof useShape>;

export interface DataLock {
  /** Tells others where the server is, and what to wait for after a crash. */
  readonly announce: (url: string, mongodPid: number) => Promise<void>;
  readonly release: () => Promise<void>;
}

/** Either the data are ours, or a running shared server has them. */
export type Acquired = { readonly lock: DataLock } | { readonly url: string; readonly pid: number };

export type Claim = Pick<Use, 'command' | 'shared'>;

/** Milliseconds. A server that lost its parent is ended by a watching process within about 2 s, and then shuts down. */
const orphanPatience = 8_000;

const summary = 'The data of the embedded server are in use';

/**
 * Takes the data folder of which `file` says who uses it, or finds the shared server that has it.
 * @throws error with code `DATA_IN_USE` that names the process that holds it
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
    return new SchemaError('DATA_IN_USE', 'Cannot tell whether the data of the embedded server are in use', {
      why: `${file} does not say which process uses the data`,
      fix: 'remove the file when no process uses the data',
    });
  }
  return new SchemaError('DATA_IN_USE', summary, {
    why: `process ${holder.pid} (${holder.command}) uses the data, according to ${file}`,
    fix: holder.shared
      ? 'it is starting: try again in a few seconds'
      : 'wait until it has ended; to use one server from several commands, keep it running with `npm run db`',
  });
}

/** After a crash the server may outlive its program for a moment, or for ever if its watcher died as well. */
async function endOrphan({ space, mongod }: Holder & Use): Promise<void> {
  // Processes of another machine, or container, cannot be ended from here.
  if (space !== processSpace()) return;
  if (mongod === undefined) return sleep(orphanPatience / 2); // it crashed while the server started: no pid to ask for
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
