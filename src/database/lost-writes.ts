import { createHash } from 'node:crypto';
import { BSON, type CommandStartedEvent, type MongoClient, type ObjectId, type ServerDescription } from 'mongodb';
import { SchemaError } from '../support/schema-error';

/** Fields that differ between two attempts of the same command. */
const volatile = new Set(['lsid', 'txnNumber', '$clusterTime', 'startTransaction', 'autocommit', '$readPreference']);

/** A write during which the connection was lost. */
interface Loss {
  /** `collMod of users` */
  readonly name: string;
  /** The server processes whose connections were lost, in order. */
  readonly processes: string[];
}

const processes = new WeakMap<MongoClient, Map<string, string>>();

/**
 * Returns the id of the server process behind each address, as a client last saw it. Call this function before the client connects. A
 * restarted server is another process, with another id.
 */
export function watchProcesses(client: MongoClient): ReadonlyMap<string, string> {
  const known = processes.get(client);
  if (known) return known;
  const found = new Map<string, string>();
  processes.set(client, found);
  client.on('serverDescriptionChanged', ({ address, newDescription }) => {
    readTopologyVersion(newDescription);
    const { topologyVersion } = newDescription;
    if (topologyVersion) found.set(address, topologyVersion.processId.toHexString());
  });
  return found;
}

/**
 * Decodes `topologyVersion` if it consists of bytes. With `raw: true`, an error contains this information about the server as bytes. Driver
 * 7.9 does not decode these bytes, and fails at its next message about the server.
 */
function readTopologyVersion(description: ServerDescription): void {
  const said: unknown = description.topologyVersion;
  if (said instanceof Uint8Array) Reflect.set(description, 'topologyVersion', BSON.deserialize(said));
}

/**
 * Stores each write during which the connection was lost, until the write succeeds. A write that has crashed the server after each restart,
 * or each new primary, would crash the next primary as well.
 */
export class LostWrites {
  readonly #losses = new Map<string, Loss>();
  #client: MongoClient;

  constructor(client: MongoClient) {
    this.#client = client;
  }

  /** From now on, uses another client, which continues the work. */
  follow(client: MongoClient): void {
    this.#client = client;
  }

  /** Records that the connection was lost before a write was answered. */
  lose(client: MongoClient, event: CommandStartedEvent, name: string): void {
    const process = watchProcesses(client).get(event.address);
    if (process === undefined) return;
    const key = keyOf(event);
    const loss = this.#losses.get(key) ?? { name, processes: [] };
    if (loss.processes.at(-1) !== process) loss.processes.push(process);
    this.#losses.set(key, loss);
  }

  succeeded(event: CommandStartedEvent): void {
    if (this.#losses.size > 0) this.#losses.delete(keyOf(event));
  }

  /**
   * Awaited before lost writes are sent again.
   * @throws error with code `SERVER_DIED` when the connections to two server processes were lost during the same write, and a third process
   * has replaced them. Two failovers during different writes are allowed. A lost connection to a server that keeps running is allowed, too.
   */
  async refuseThird(): Promise<void> {
    const twice = [...this.#losses.values()].filter(({ processes }) => processes.length > 1);
    if (twice.length === 0) return;
    const hello = await this.#client.db('admin').command({ hello: 1 }, { readPreference: 'primary' });
    const { processId } = (hello['topologyVersion'] ?? {}) as { readonly processId?: ObjectId };
    const deadly = twice.find(({ processes }) => processId && processes.at(-1) !== processId.toHexString());
    if (deadly) throw diedError(deadly);
  }
}

/**
 * Returns a key that is equal for two attempts of one command. The key is computed only when a connection is lost, because a command may be
 * large.
 */
function keyOf({ command, commandName, databaseName }: CommandStartedEvent): string {
  const lasting = Object.entries(command).filter(([name]) => !volatile.has(name));
  return createHash('sha256')
    .update(`${databaseName} ${commandName} ${BSON.EJSON.stringify(Object.fromEntries(lasting))}`)
    .digest('hex');
}

function diedError({ name, processes }: Loss): SchemaError {
  const times = processes.length === 2 ? 'twice' : `${processes.length} times`;
  return new SchemaError('SERVER_DIED', `The server died ${times} during ${name}, which was not sent again`, {
    why: 'each time the connection was lost before the answer, and afterwards the server had restarted, or another one was primary',
    fix: 'find the reason at the end of the log of mongod; remove the step from the migration until the server can run it',
  });
}
