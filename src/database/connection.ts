import { MongoNetworkTimeoutError, type Db, type MongoClient, type MongoClientOptions } from 'mongodb';
import { within } from '../support/abort';
import { isSchemaError, SchemaError } from '../support/schema-error';
import { nameChangelog } from './changelog-name';
import { explainConnection, explainLoss, silence, unansweredError, watch } from './connection-problems';
import { isTransient } from './retry';
import { explainCommand } from './server-errors';
import { inspectServer, type ServerFacts } from './server-facts';
import { MongoUrl } from '../support/mongo-url';
import { bookkeepingOptions, newClient, readingOptions, selectionTimeout } from './client';
import { commandOf, watchTraffic, type Traffic } from './traffic';

/** The server and database to work on. */
export interface Target {
  /** The connection string. The write concern, read concern and read preference in it are ignored: migrations set their own. */
  readonly url: string | MongoUrl;
  readonly database: string;
  readonly allowSharded?: boolean | undefined;
  /** The collection of the changelog. The default is `changelog`. */
  readonly changelog?: string | undefined;
  /** Called once with facts about the server, when it has been reached. */
  readonly onConnect?: ((server: ServerFacts) => void) | undefined;
  /** Called with the hosts when the server has not answered for a second. */
  readonly onWait?: ((hosts: string) => void) | undefined;
}

export interface Connection {
  readonly db: Db;
  readonly server: ServerFacts;
}

/** A connection for a run that holds the lease. */
export interface LeaseConnection extends Connection {
  /** The database of the run. After `reconnect`, this property is a different handle. */
  readonly db: Db;
  /**
   * The same database through a separate client, for the lease, events, the changelog and checkpoints. Every request through this client
   * ends soon, with an answer or an error, and waits for no other command.
   */
  readonly bookkeeping: Db;
  /** The commands that were sent through all handles of `db`, and their results. */
  readonly traffic: Traffic;
  /** Ends everything that runs through `db`, and replaces its client. The work is then retried. */
  reconnect(): void;
  /** Returns the unanswered writes of both clients: `createIndexes of users`. */
  unansweredWrites(): readonly string[];
  /** Ends everything that runs through `db`, and sends nothing more. The server may continue with commands that it has received. */
  abandon(): void;
}

/**
 * Connects, runs the work, and closes the connection. The work reads, and writes at most some thousands of documents in one command. Each
 * answer may take up to 45 s, or up to `socketTimeoutMS` of the connection string. `longest` is the server's time limit for one query, in
 * milliseconds, if the query has one.
 * @throws error with a `ConnectionErrorCode` when the connection fails or is lost; with code `UNSUPPORTED_SERVER` for a mongos, unless it
 * is allowed; with code `NOT_ALLOWED` that names a missing privilege; with code `NO_ANSWER` that names the command without an answer
 */
export function withReads<T>(
  target: Target,
  work: (connection: Connection) => Promise<T>,
  { longest }: { readonly longest?: number | undefined } = {},
): Promise<T> {
  const url = MongoUrl.of(target.url);
  const options = readingOptions(url, longest);
  return withClients(target, [options], async ([client], server) => {
    watchTraffic(client);
    try {
      return await work({ db: client.db(target.database), server });
    } catch (error) {
      const what = commandOf(error);
      if (what !== undefined && error instanceof MongoNetworkTimeoutError) {
        throw unansweredError(what, url, options.socketTimeoutMS ?? 0, error);
      }
      throw error;
    }
  });
}

/**
 * Connects two clients for a run that holds the lease. The second client is for the bookkeeping: the lease, events, the changelog and
 * checkpoints. `leaseSeconds` is how long the lease lasts without renewal.
 */
export function withLeaseConnection<T>(
  target: Target & { readonly leaseSeconds: number },
  work: (connection: LeaseConnection) => Promise<T>,
): Promise<T> {
  const bookkeeping = bookkeepingOptions(target.leaseSeconds);
  const own = { monitorCommands: true };
  return withClients(target, [own, bookkeeping], async ([first, second], server, add) => {
    const [traffic, ofBookkeeping] = [watchTraffic(first), watchTraffic(second)];
    let client = first;
    let isAbandoned = false;
    const giveUp = () => {
      void client.close().catch(() => undefined);
    };
    return work({
      get db() {
        return client.db(target.database);
      },
      server,
      bookkeeping: second.db(target.database),
      traffic,
      unansweredWrites: () => [...traffic.unansweredWrites(), ...ofBookkeeping.unansweredWrites()],
      reconnect: () => {
        if (isAbandoned) return;
        giveUp();
        client = add(own);
        traffic.follow(client);
      },
      abandon: () => {
        isAbandoned = true;
        giveUp();
      },
    });
  });
}

/** How long to wait for a server before the person is told, in milliseconds. */
const sayAfter = 1_000;
/** How long to wait for the first answers, and for the end of a client, in milliseconds. */
const answersWithin = 5_000;
const closesWithin = 1_000;

/**
 * Connects several clients in parallel, one for each set of options. After the work, this function closes these clients and the clients
 * that the work adds. Added clients connect at their first use.
 */
async function withClients<const O extends readonly [MongoClientOptions, ...MongoClientOptions[]], T>(
  target: Target,
  options: O,
  work: (
    clients: { readonly [I in keyof O]: MongoClient },
    server: ServerFacts,
    add: (own: MongoClientOptions) => MongoClient,
  ) => Promise<T>,
): Promise<T> {
  const url = MongoUrl.of(target.url);
  const make = (own: MongoClientOptions) => {
    const client = newClient(url, own);
    nameChangelog(client, target.changelog);
    return { client, sightings: watch(client) };
  };
  const open = options.map(make);
  const add = (own: MongoClientOptions) => {
    const made = make(own);
    open.push(made);
    return made.client;
  };
  const clients = open.map(({ client }) => client) as { readonly [I in keyof O]: MongoClient };
  const waiting = setTimeout(() => target.onWait?.(url.hosts.join(', ')), sayAfter);
  try {
    const patience = selectionTimeout(url);
    const connecting = open.map(({ client, sightings }) =>
      connectWithin(patience, client).catch((error: unknown) => {
        throw explainConnection(error, url, sightings);
      }),
    );
    await within(patience + answersWithin, Promise.all(connecting), () => noAnswer(url));
    const facts = inspectServer(clients[0].db(target.database), target);
    const server = await within(answersWithin, facts, () => noAnswer(url));
    clearTimeout(waiting);
    target.onConnect?.(server);
    return await work(clients, server, add);
  } catch (error) {
    if (isSchemaError(error)) throw error;
    if (isTransient(error)) throw explainLoss(error, url, open[0]?.sightings);
    throw explainCommand(error);
  } finally {
    clearTimeout(waiting);
    // Closing sends a last command to the server, which may not answer, so wait only briefly.
    const closing = Promise.allSettled(open.map(({ client }) => client.close()));
    await within<unknown>(closesWithin, closing, () => undefined);
  }
}

/** Connects a client within this many milliseconds. Retries when the client's own time limits are shorter. */
async function connectWithin(milliseconds: number, client: MongoClient): Promise<void> {
  const end = performance.now() + milliseconds;
  for (;;) {
    try {
      await client.connect();
      return;
    } catch (error) {
      if (!isTransient(error) || performance.now() >= end) throw error;
    }
  }
}

function noAnswer({ hosts }: MongoUrl): never {
  throw new SchemaError(silence.code, 'Cannot connect to MongoDB', {
    why: `at ${hosts.join(', ')}, ${silence.what}`,
    fix: silence.fix,
  });
}
