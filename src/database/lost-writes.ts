import { createHash } from 'node:crypto';
import { BSON, type CommandStartedEvent, type MongoClient, type ObjectId, type ServerDescription } from 'mongodb';
import { SchemaError } from '../support/schema-error';

/** What differs between two tries of one command. */
const volatile = new Set(['lsid', 'txnNumber', '$clusterTime', 'startTransaction', 'autocommit', '$readPreference']);

/** A write under which the connection was lost. */
interface Loss {
  /** `collMod of users` */
  readonly name: string;
  /** The server processes that it was lost to, the last one last. */
  readonly processes: string[];
}

const processes = new WeakMap<MongoClient, Map<string, string>>();

/**
 * The process behind each address, as a client last heard of it: to be called before the client connects. A server that is
 * started again is another process.
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
 * The error of a command with `raw: true` says in bytes what the server was like. Driver 7.9 keeps these as they are, and fails
 * when it next hears of the server.
 */
function readTopologyVersion(description: ServerDescription): void {
  const said: unknown = description.topologyVersion;
  if (said instanceof Uint8Array) Reflect.set(description, 'topologyVersion', BSON.deserialize(said));
}

/**
 * The writes under which the connection of a client was lost, until they succeed. A write that ended the server, or each new
 * primary, that it was sent to would end the next one as well.
 */
export class LostWrites {
  readonly #losses = new Map<string, Loss>();
  #client: MongoClient;

  constructor(client: MongoClient) {
    this.#client = client;
  }

  /** Another client goes on with the work. */
  follow(client: MongoClient): void {
    this.#client = client;
  }

  /** A write was sent, and the connection was lost before it was answered. */
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
   * To be awaited before the writes that were lost are sent again.
   * @throws error with code `SERVER_DIED` when one of them was lost to two server processes, and a third one has come after
   * them: a failover under each of two other writes passes, and so does a connection that was cut while the server lived on.
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

/** Equal for two tries of one command. It is made when a connection is lost, and not for each command: one may be large. */
function keyOf({ command, commandName, databaseName }: CommandStartedEvent): string {
  const lasting = Object.entries(command).filter(([name]) => !volatile.has(name));
  return createHash('sha256')
    .update(`${databaseName} ${commandName} ${BSON.EJSON.stringify(Object.fromEntries(lasting))}`)
    .digest('hex');
}

function diedError({ name, processes }: Loss): SchemaError {
  const times = processes.length === 2 ? 'twice' : `${processes.length} times`;
  return new SchemaError('SERVER_DIED', `The server died ${times} under ${name}, which was not sent again`, {
    why: 'each time the connection was lost before it was answered, and the server was started anew, or another one was primary, afterwards',
    fix: 'look at the end of the log of mongod for the reason; leave the step out until the server takes it',
  });
}
