import { MongoClient, type Db, type MongoClientOptions } from 'mongodb';
import { readConfig } from './config';
import { explain, watch } from './connection/explain';
import { clientOptionsFor } from './connection/options';
import { redact } from './redact';

export { collections, type Collections } from './connection/collections';
export type { ConnectionErrorCode } from './connection/problems';

/**
 * Where to connect to. What is not given comes from the environment.
 * @category Connecting
 */
export interface ConnectOptions {
  /** The connection string; else MONGODB_URL, with the password from MONGODB_PASSWORD_FILE. `mongodb+srv://` and logins are part of it, and its options win. */
  readonly url?: string;
  /** The database; else MONGODB_DATABASE, the path of the connection string, or `sentimatrix_studio`. */
  readonly database?: string;
  /** What the server's log and `currentOp` call this application. */
  readonly appName?: string;
}

/**
 * How to close.
 * @category Connecting
 */
export interface CloseOptions {
  /** How long operations that are running may go on, in milliseconds: 5,000. */
  readonly patience?: number;
}

interface Open {
  readonly client: MongoClient;
  readonly db: Db;
  /** How many operations are on their way. */
  readonly running: () => number;
}

interface State {
  /** What the connection was asked for with: one process has one. */
  readonly asked: string;
  readonly opening: Promise<Open>;
  open?: Open;
  closing?: Promise<void>;
}

/** In the process, and not in this module: of that there may be two copies, as sources and as compiled code. */
const holder = globalThis as { [connection]?: State | undefined };
const connection = Symbol.for('sentimatrix-schema.connection');

/**
 * Connects, and says which database that leads to. A process has one client: callers at the same time share it, and so do
 * later ones, who may leave the options out. It has 10 to 50 connections, which are closed when they were idle for 30 s, and
 * gives up after 5 s without a server. After an error it may be called again.
 * @throws Error with a {@link ConnectionErrorCode} as its `code`, the driver's error as its `cause`, and a message that says
 *   what is wrong, where, and the way out, never a user or a password; with code `USAGE` when MONGODB_URL is not set or
 *   wrong, `CONNECTED_ELSEWHERE` when this process is connected otherwise.
 * @category Connecting
 */
export async function connect(options: ConnectOptions = {}): Promise<Db> {
  while (holder[connection]?.closing) await holder[connection].closing;
  const current = holder[connection];
  if (current && Object.keys(options).length === 0) return (await current.opening).db;
  const { url, database } = configFor(options);
  const asked = JSON.stringify([url, database, options.appName]);
  if (current && current.asked !== asked) {
    const message =
      'This process is connected already, to another database or with other options. Way out: close() first.';
    throw Object.assign(new Error(message), { code: 'CONNECTED_ELSEWHERE' });
  }
  const state = (holder[connection] = current ?? begin(asked, url, database, options.appName));
  return (await state.opening).db;
}

function begin(asked: string, url: string, database: string, appName: string | undefined): State {
  const state: State = { asked, opening: open(url, database, appName) };
  state.opening.then(
    (opened) => (state.open = opened),
    () => {
      // So that the next call tries again.
      if (holder[connection] === state) holder[connection] = undefined;
    },
  );
  return state;
}

async function open(url: string, database: string, appName: string | undefined): Promise<Open> {
  const client = makeClient(url, appName === undefined ? {} : { appName });
  const sightings = watch(client);
  let running = 0;
  client.on('connectionCheckedOut', () => running++);
  client.on('connectionCheckedIn', () => running--);
  try {
    await client.connect();
  } catch (error) {
    await client.close();
    throw explain(error, url, sightings);
  }
  return { client, db: client.db(database), running: () => running };
}

function makeClient(url: string, own: MongoClientOptions): MongoClient {
  const options = clientOptionsFor(url, own);
  try {
    return new MongoClient(url, options);
  } catch (cause) {
    // The user and the password were read without complaint by now, so this is about an option.
    const message = `MONGODB_URL has an option that the driver refuses: ${redact((cause as Error).message)}. Way out: correct it, or take it out.`;
    throw Object.assign(new Error(message, { cause }), { code: 'USAGE' });
  }
}

function configFor({ url, database }: ConnectOptions): { url: string; database: string } {
  const { MONGODB_URL, MONGODB_PASSWORD_FILE, MONGODB_DATABASE } = process.env;
  const config = readConfig({
    ...(url === undefined ? { MONGODB_URL, MONGODB_PASSWORD_FILE } : { MONGODB_URL: url }),
    MONGODB_DATABASE: database ?? MONGODB_DATABASE,
  });
  if (config.url !== undefined) return { url: config.url, database: config.database };
  const message = 'MONGODB_URL is not set: set it to the connection string of the server, or give connect() a url.';
  throw Object.assign(new Error(message), { code: 'USAGE' });
}

/**
 * The database that this process is connected to.
 * @throws Error with code `NOT_CONNECTED` before `connect()` has ended, and from `close()` on.
 * @category Connecting
 */
export function db(): Db {
  const state = holder[connection];
  if (state?.open && !state.closing) return state.open.db;
  const message =
    'There is no connection. Way out: await connect() when the application starts, before db() is called.';
  throw Object.assign(new Error(message), { code: 'NOT_CONNECTED' });
}

/**
 * Closes the connection: lets operations that are running come to their end first, and cuts off what takes longer than
 * `patience`. A cursor that waits to be asked for more is not running: it is closed. Without a connection it does nothing; called more than once, it closes once.
 * @param options How to close.
 * @category Connecting
 */
export async function close({ patience = 5_000 }: CloseOptions = {}): Promise<void> {
  const state = holder[connection];
  if (!state) return;
  state.closing ??= end(state, patience).finally(() => {
    if (holder[connection] === state) holder[connection] = undefined;
  });
  await state.closing;
}

async function end({ opening }: State, patience: number): Promise<void> {
  const opened = await opening.catch(() => undefined);
  if (!opened) return;
  const giveUpAt = performance.now() + patience;
  // What was called a moment ago has no connection yet: so twice in a row nothing has to be running.
  for (let quiet = 0; quiet < 2 && performance.now() < giveUpAt; quiet = opened.running() === 0 ? quiet + 1 : 0) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  await opened.client.close();
}
