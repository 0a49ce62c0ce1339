import { mkdir } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { once } from '../support/once';
import { reasonOf, SchemaError } from '../support/schema-error';
import { findMongod, type FoundMongod } from './find-mongod';
import { REPLICA_SET, directUrl, ensureReplicaSet, requestShutdown } from './replica-set';

export interface EmbeddedOptions {
  /** The mongod to start. By default, a mongod is searched for with the settings in `env`. */
  readonly mongod?: FoundMongod;
  /** The environment variables. The default is the environment of the process. */
  readonly env?: NodeJS.ProcessEnv | undefined;
  /**
   * The folder of the data. The folder is created when it is missing, and kept when the server stops. Without this option, the server uses
   * a temporary folder, which is removed when the server stops. Not allowed with `members`.
   */
  readonly dataDir?: string;
  /** The port of the first member. The default is a free port. */
  readonly port?: number;
  /** Further arguments for mongod: `['--setParameter', 'enableTestCommands=1']`. */
  readonly args?: readonly string[];
  /** Whether to start a replica set. With false, a standalone server is started. */
  readonly replicaSet?: boolean;
  /** The number of servers in the replica set. The default is 1. */
  readonly members?: number;
}

/** One mongod process. */
export interface Member {
  readonly port: number;
  readonly pid: number;
  /** Ends the process immediately, as a crash would, and waits until it has ended. */
  readonly kill: () => Promise<void>;
}

/** A running server. `stop` shuts every member down cleanly, and waits until this is done. A second call does nothing. */
export interface RunningServer {
  readonly url: string;
  readonly version: string;
  readonly how: string;
  readonly members: readonly Member[];
  readonly stop: () => Promise<void>;
}

/** The time limit for a clean shutdown, in milliseconds. */
const SHUTDOWN_TIME = 30_000;

/**
 * Starts mongod (WiredTiger) on 127.0.0.1 and waits until it is writable.
 * @throws error with code `NO_SERVER` when there is no mongod, or when mongod does not start
 */
export async function startEmbedded(options: EmbeddedOptions = {}): Promise<RunningServer> {
  const mongod = options.mongod ?? (await findMongod({ env: options.env }));
  const members: StartedMember[] = [];
  const stop = once(async () => {
    await Promise.all(members.map((member) => member.stop()));
  });
  try {
    const ofMembers = Array.from({ length: options.members ?? 1 }, (_, at) =>
      at === 0 ? options : { ...options, port: undefined, dataDir: undefined },
    );
    const started = await Promise.allSettled(ofMembers.map((own) => startMember(mongod, own)));
    // Keep the started members, so that they can be stopped when another member did not start.
    members.push(...started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : [])));
    for (const one of started) if (one.status === 'rejected') throw one.reason;
    const [first, ...rest] = members.map((member) => member.port);
    if (first === undefined) throw new Error('members must be at least 1');
    const version = mongod.version;
    const how = `embedded mongod (${mongod.how})`;
    if (options.replicaSet === false) return { url: directUrl(first), version, how, members, stop };
    await ensureReplicaSet([first, ...rest]);
    const hosts = [first, ...rest].map((port) => `127.0.0.1:${port}`).join();
    return { url: `mongodb://${hosts}/?replicaSet=${REPLICA_SET}`, version, how, members, stop };
  } catch (error) {
    await stop().catch(() => undefined); // The first error explains the failure best.
    // Plain errors thrown during the start become the `why` of this error.
    throw new SchemaError('NO_SERVER', `mongod ${mongod.version} (${mongod.path}) did not start`, {
      ...explainStart(error, options.dataDir),
      cause: error,
    });
  }
}

/** Ends a server whose data are no longer needed, without a clean shutdown, which would take a second. */
export async function discardServer(server: RunningServer): Promise<void> {
  await Promise.all(server.members.map((member) => member.kill()));
  await server.stop();
}

interface StartedMember extends Member {
  readonly stop: () => Promise<void>;
}

type MemberOptions = Pick<EmbeddedOptions, 'args' | 'replicaSet'> & {
  readonly dataDir?: string | undefined;
  readonly port?: number | undefined;
};

async function startMember(mongod: FoundMongod, options: MemberOptions): Promise<StartedMember> {
  if (options.dataDir !== undefined) await mkdir(options.dataDir, { recursive: true });
  // This library is loaded only here: commands with MONGODB_URL do not need it, and container images do not contain it.
  const { MongoMemoryServer } = await import('mongodb-memory-server-core');
  const { ResolveConfigVariables, setDefaultValue } =
    await import('mongodb-memory-server-core/lib/util/resolveConfig.js');
  // The version is already known. Without this setting, the library would start mongod once more, synchronously, to find out its version.
  setDefaultValue(ResolveConfigVariables.SYSTEM_BINARY_VERSION_CHECK, 'false');
  const server = new MongoMemoryServer({
    binary: { systemBinary: mongod.path, version: mongod.version },
    instance: {
      ip: '127.0.0.1',
      storageEngine: 'wiredTiger',
      launchTimeout: 60_000,
      args: [...(options.args ?? [])],
      ...(options.port === undefined ? {} : { port: options.port, portGeneration: false }),
      ...(options.dataDir === undefined ? {} : { dbPath: options.dataDir }),
      ...(options.replicaSet === false ? {} : { replSet: REPLICA_SET }),
    },
    // Start mongod in a separate process group: Ctrl-C in a terminal must reach only this program, which then shuts the server down.
    spawn: { detached: true },
  });
  await quietly(() => server.start());
  const port = server.instanceInfo?.port;
  const child = server.instanceInfo?.instance.mongodProcess;
  if (port === undefined || child?.pid === undefined) throw new Error('it ended right after its start');
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => {
      resolve();
    });
  });
  return {
    port,
    pid: child.pid,
    kill: async () => {
      child.kill('SIGKILL');
      await exited;
    },
    // The library interrupts mongod right after it has asked mongod to shut down. So this function first waits for the shutdown.
    stop: async () => {
      if (child.exitCode === null && child.signalCode === null) {
        await requestShutdown(port);
        await Promise.race([exited, sleep(SHUTDOWN_TIME, undefined, { ref: false })]);
      }
      await server.stop();
    },
  };
}

/**
 * Matches errors of a mongod that cannot read its data. Such a mongod prints a page of log, and only these parts of that log reach the
 * error message of the library.
 */
const internal = /internal error|fassert|WiredTiger|exited with code|Instance closed/i;

function explainStart(error: unknown, dataDir: string | undefined): { why: string | string[]; fix?: string } {
  const reason = reasonOf(error);
  if (dataDir === undefined || !internal.test(reason)) return { why: reason };
  return {
    why: [
      'it ended with an internal error while it opened its data',
      `the data in ${dataDir} are damaged, or belong to another version`,
    ],
    fix: `move that folder away (mv ${dataDir} ${dataDir}.damaged) and start again with an empty database; then restore a backup, or deploy`,
  };
}

/** The number of servers that are starting, and the original console.warn, which is replaced while a server starts. */
let starting = 0;
let { warn } = console;

const own = /^Starting the MongoMemoryServer Instance failed|^MongoServerSelectionError/;

/** Silences the library, which prints each error that it also throws, and warns when a mongod that it should end has already ended. */
async function quietly<T>(start: () => Promise<T>): Promise<T> {
  if (starting++ === 0) {
    ({ warn } = console);
    console.warn = (...said: unknown[]) => {
      if (!own.test(String(said[0]))) warn(...said);
    };
  }
  try {
    return await start();
  } finally {
    if (--starting === 0) console.warn = warn;
  }
}
