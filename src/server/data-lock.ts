import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { ServerError, codeOf } from './errors';
import { identify, isAlive, waitForEnd } from './processes';

/** Who uses a data folder: the content of the file beside it. */
const State = z.object({
  pid: z.number(),
  started: z.string().optional(),
  /** What people see in messages. */
  command: z.string(),
  /** Whether others may use the server: `npm run db` offers it, a one-off command stops it when done. */
  shared: z.boolean(),
  /** Known once the server runs. */
  url: z.string().optional(),
  mongod: z.object({ pid: z.number(), started: z.string().optional() }).optional(),
});
type State = z.infer<typeof State>;

export interface DataLock {
  /** Tells others where the server is, and what to wait for after a crash. */
  readonly announce: (url: string, mongodPid: number) => Promise<void>;
  readonly release: () => Promise<void>;
}

/** Either the data are ours, or a running shared server has them. */
export type Acquired = { readonly lock: DataLock } | { readonly url: string; readonly pid: number };

export interface Claim {
  readonly command: string;
  readonly shared: boolean;
}

/** A server that lost its parent is ended by a watching process within about 2 s, and then shuts down. */
const ORPHAN_PATIENCE = 8_000;
const GUARD_PATIENCE = 5_000;

/**
 * Takes the data folder of which `file` is the state, or finds the shared server that has it.
 * @throws ServerError DATA_IN_USE that says who holds it and what to do
 */
export async function acquireData(file: string, claim: Claim): Promise<Acquired> {
  await mkdir(dirname(file), { recursive: true });
  const mine: State = { ...identify(process.pid), ...claim };
  for (;;) {
    if (await createExclusively(file, mine)) return { lock: lockOn(file, mine) };
    const state = await readState(file);
    if (state === undefined) continue; // released in between
    if (!isAlive(state)) {
      await endOrphan(state);
      await removeStale(file, state);
    } else if (state.shared && state.url !== undefined) {
      return { url: state.url, pid: state.pid };
    } else {
      throw inUse(file, state);
    }
  }
}

function inUse(file: string, state: State): ServerError {
  const wayOut = state.shared
    ? 'It is starting: try again in a few seconds.'
    : 'Wait until it has ended. To use one server from several commands, keep it running with `npm run db`.';
  const holder = `process ${state.pid} (${state.command})`;
  return new ServerError('DATA_IN_USE', `The embedded server's data are in use by ${holder}, says ${file}. ${wayOut}`);
}

function lockOn(file: string, mine: State): DataLock {
  return {
    announce: async (url, mongodPid) => {
      await replace(file, { ...mine, url, mongod: identify(mongodPid) });
    },
    release: async () => {
      await rm(file, { force: true });
    },
  };
}

/** Appears with its whole content or not at all, and never over another one. */
async function createExclusively(file: string, state: State): Promise<boolean> {
  const draft = `${file}.${randomUUID()}`;
  await writeFile(draft, JSON.stringify(state));
  try {
    await link(draft, file);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

async function replace(file: string, state: State): Promise<void> {
  const draft = `${file}.${randomUUID()}`;
  await writeFile(draft, JSON.stringify(state));
  await rename(draft, file);
}

async function readState(file: string): Promise<State | undefined> {
  let text;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
  try {
    return State.parse(JSON.parse(text));
  } catch (error) {
    throw new ServerError(
      'DATA_IN_USE',
      `${file} cannot be read as who uses the embedded data: remove it if none does`,
      {
        cause: error,
      },
    );
  }
}

/**
 * Two may find the same stale file, and the second must not remove what the first then made: only who has the guard
 * removes a file of another, and looks again first. The guard is held for a moment, so one that stays was left by a crash.
 */
async function removeStale(file: string, stale: State): Promise<void> {
  const guard = `${file}.break`;
  const end = Date.now() + GUARD_PATIENCE;
  while (!(await createFolder(guard))) {
    if (Date.now() > end) {
      throw new ServerError('DATA_IN_USE', `${guard} was left by a crash: remove it and try again`);
    }
    await sleep(20);
  }
  try {
    const state = await readState(file);
    if (state?.pid === stale.pid && state.started === stale.started) await rm(file);
  } finally {
    await rmdir(guard);
  }
}

async function createFolder(folder: string): Promise<boolean> {
  try {
    await mkdir(folder);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

/** After a crash the server may outlive its program for a moment, or for ever if its watcher died as well. */
async function endOrphan({ mongod }: State): Promise<void> {
  if (mongod === undefined) return sleep(ORPHAN_PATIENCE / 2); // it crashed while the server started: no pid to ask for
  if (await waitForEnd(mongod, ORPHAN_PATIENCE)) return;
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    process.kill(mongod.pid, signal);
    if (await waitForEnd(mongod, ORPHAN_PATIENCE)) return;
  }
  throw new ServerError('DATA_IN_USE', `mongod ${mongod.pid} of an earlier run does not end: kill it`);
}
