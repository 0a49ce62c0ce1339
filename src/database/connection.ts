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

/** Where to work. */
export interface Target {
  /** The connection string. Its write concern, read concern and read preference are not used: migrations set their own. */
  readonly url: string | MongoUrl;
  readonly database: string;
  readonly allowSharded?: boolean | undefined;
  /** The collection that says what is applied; `changelog` unless given. */
  readonly changelog?: string | undefined;
  /** Told once what the server is, when it has been reached. */
  readonly onConnect?: ((server: ServerFacts) => void) | undefined;
  /** Told the hosts when the server has kept it waiting for a second. */
  readonly onWait?: ((hosts: string) => void) | undefined;
}

export interface Connection {
  readonly db: Db;
  readonly server: ServerFacts;
}

/** A connection for a run that holds the lease. */
export interface LeaseConnection extends Connection {
  /** Where the run works; another handle after `reconnect`. */
  readonly db: Db;
  /**
   * The same database through a client of its own, for the lease, events, the changelog and checkpoints. Whatever is asked there
   * ends soon, with an answer or with an error, and waits behind no other command.
   */
  readonly bookkeeping: Db;
  /** What was sent through `db`, whichever handle it was. */
  readonly traffic: Traffic;
  /** Ends all that goes on through `db`, which is tried again through a client in its place. */
  reconnect(): void;
  /** The writes that were sent through either client and not answered: `createIndexes of users`. */
  unansweredWrites(): readonly string[];
  /** Ends all that goes on through `db`, and lets nothing more be sent there. The server may go on with what it has got. */
  abandon(): void;
}

/**
 * Connects, and closes after the work, which reads, and writes some thousands of documents at once at most. Every answer is waited
 * for within bounds: 45 s, or what `socketTimeoutMS` in the connection string says. `longest` is how long the server may take for
 * one query, in milliseconds, where that is told it.
 * @throws error with a `ConnectionErrorCode` when the connection cannot be made or is lost, `UNSUPPORTED_SERVER` for a
 * mongos, unless allowed, `NOT_ALLOWED` naming the privilege when one is missing, `NO_ANSWER` that names the command.
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
 * Connects with a second client for the bookkeeping, for a run that holds the lease. `leaseSeconds` is how long the lease lasts
 * when it is not renewed.
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

/** How long a server may keep a person waiting before they are told, in milliseconds. */
const sayAfter = 1_000;
/** How long the answers to the first questions, and the end of a client, are waited for, in milliseconds. */
const answersWithin = 5_000;
const closesWithin = 1_000;

/**
 * Connects clients at the same time, one for each set of options, and closes them after the work, with those that the work
 * adds, which connect when they are used.
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
    // It says good-bye to the server, which may not answer.
    const closing = Promise.allSettled(open.map(({ client }) => client.close()));
    await within<unknown>(closesWithin, closing, () => undefined);
  }
}

/** Connects a client whose own time limits may be shorter than so many milliseconds: it tries again until they are over. */
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
