import { mkdir } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { reasonOf, SchemaError } from '../support/schema-error';
import { findMongod, type FoundMongod } from './find-mongod';
import { REPLICA_SET, directUrl, ensureReplicaSet, requestShutdown } from './replica-set';

export interface EmbeddedOptions {
  /** The binary; looked for, as `env` says, when absent. */
  readonly mongod?: FoundMongod;
  /** The process's own when absent. */
  readonly env?: NodeJS.ProcessEnv | undefined;
  /** Kept when the server stops; made when missing. Absent: a temporary folder, removed on stop. Not with `members`. */
  readonly dataDir?: string;
  /** Of the first member; a free one when absent. */
  readonly port?: number;
  /** Further arguments of mongod: `['--setParameter', 'enableTestCommands=1']`. */
  readonly args?: readonly string[];
  /** False starts a standalone server. */
  readonly replicaSet?: boolean;
  /** Servers in the replica set: 1 when absent. */
  readonly members?: number;
}

/** One mongod process. */
export interface Member {
  readonly port: number;
  readonly pid: number;
  /** Ends the process at once, as a crash would, and waits until it is gone. */
  readonly kill: () => Promise<void>;
}

/** `stop` shuts every member down cleanly and waits for that; called again it does nothing. */
export interface RunningServer {
  readonly url: string;
  readonly version: string;
  readonly how: string;
  readonly members: readonly Member[];
  readonly stop: () => Promise<void>;
}

/** Milliseconds. */
const SHUTDOWN_TIME = 30_000;

/**
 * Starts mongod (WiredTiger) on 127.0.0.1 and waits until it can be written to.
 * @throws error with code `NO_SERVER` when there is no mongod or it does not start
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
    // The ones that did start are stopped when another one did not.
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
    await stop().catch(() => undefined); // the first error is the one that explains
    // The plain errors of this room that are thrown while it starts become this reason.
    throw new SchemaError('NO_SERVER', `mongod ${mongod.version} (${mongod.path}) did not start`, {
      ...explainStart(error, options.dataDir),
      cause: error,
    });
  }
}

/** Ends a server whose data nobody needs any more: it need not be shut down cleanly, which takes a second. */
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
  // Loaded only here: a command with MONGODB_URL needs nothing of it, and images leave it out.
  const { MongoMemoryServer } = await import('mongodb-memory-server-core');
  const { ResolveConfigVariables, setDefaultValue } =
    await import('mongodb-memory-server-core/lib/util/resolveConfig.js');
  // The version was asked already; the library would start the program once more for it, synchronously.
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
    // A process group of its own: Ctrl-C in a terminal must reach only the program, which then shuts the server down.
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
    // The library's own stop interrupts the process right after asking it to shut down; this waits for it first.
    stop: async () => {
      if (child.exitCode === null && child.signalCode === null) {
        await requestShutdown(port);
        await Promise.race([exited, sleep(SHUTDOWN_TIME, undefined, { ref: false })]);
      }
      await server.stop();
    },
  };
}

/** What mongod says of data that it cannot read is a page of log, of which little more than this is left. */
const internal = /internal error|fassert|WiredTiger|exited with code|Instance closed/i;

function explainStart(error: unknown, dataDir: string | undefined): { why: string | string[]; fix?: string } {
  const reason = reasonOf(error);
  if (dataDir === undefined || !internal.test(reason)) return { why: reason };
  return {
    why: [
      'it ended with an error of its own as it opened its data',
      `the data in ${dataDir} are damaged, or of another version`,
    ],
    fix: `move that folder away (mv ${dataDir} ${dataDir}.damaged) and start again, which makes an empty database; then restore a backup, or deploy`,
  };
}

/** How many servers are starting; and what warns meanwhile. */
let starting = 0;
let { warn } = console;

const own = /^Starting the MongoMemoryServer Instance failed|^MongoServerSelectionError/;

/** The library prints the error that it throws, with its stack, and that it cannot tell a mongod to end that has ended. */
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

function once(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  return () => (running ??= work());
}
