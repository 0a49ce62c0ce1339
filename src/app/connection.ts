import { setTimeout as sleep } from 'node:timers/promises';
import { MongoClient, type Db, type MongoClientOptions } from 'mongodb';
import { readConfig } from '../database/environment';
import { nameChangelog } from '../database/changelog-name';
import { explainConnection, watch } from '../database/connection-problems';
import { clientOptionsFor } from './options';
import type { MongoUrl } from '../support/mongo-url';
import { redact } from '../support/redact';
import { SchemaError } from '../support/schema-error';
import { processEnv } from '../support/process-env';

/**
 * The server and database to connect to. Missing values come from the environment.
 * @category Connecting
 */
export interface ConnectOptions {
  /**
   * The connection string. The default is MONGODB_URL, with the password from MONGODB_PASSWORD_FILE. It may be a `mongodb+srv://` address,
   * and may contain credentials. The options in the connection string take precedence over the defaults.
   */
  readonly url?: string;
  /** The name of the database. The default is MONGODB_DATABASE, else the path of the connection string, else the product's own name. */
  readonly database?: string;
  /** The application name that the server's log and `currentOp` show. */
  readonly appName?: string;
}

/**
 * Options of `close()`.
 * @category Connecting
 */
export interface CloseOptions {
  /** How long running operations may take to end, in milliseconds. The default is 5,000. */
  readonly patience?: number;
}

interface Open {
  readonly client: MongoClient;
  readonly db: Db;
  /** Returns the number of operations that are running. */
  readonly running: () => number;
}

interface State {
  /** The options of the connection, as text. A process has only one connection, so later calls must have the same options. */
  readonly asked: string;
  readonly opening: Promise<Open>;
  open?: Open;
  closing?: Promise<void>;
}

/** The state is stored on `globalThis`, not in this module: a process may load the module twice, as sources and as compiled code. */
const holder = globalThis as { [connection]?: State | undefined };
const connection = Symbol.for('schema.connection');

/** The default options of a product's applications. */
export interface ConnectionDefaults {
  readonly appName: string;
  readonly defaultDatabase: string;
}

/** The one connection of a process. */
export interface SharedConnection {
  connect(options?: ConnectOptions): Promise<Db>;
  db(): Db;
  close(options?: CloseOptions): Promise<void>;
}

/** Returns the connection of a product's applications. The connection opens at the first use, and a process has only one. */
export function createConnection(defaults: ConnectionDefaults): SharedConnection {
  return { connect: (options = {}) => connect(options, defaults), db, close };
}

async function connect(options: ConnectOptions, defaults: ConnectionDefaults): Promise<Db> {
  while (holder[connection]?.closing) await holder[connection].closing;
  const current = holder[connection];
  if (current && Object.keys(options).length === 0) return (await current.opening).db;
  const { url, database, appName, changelog } = configFor(options, defaults);
  const asked = JSON.stringify([url.reveal(), database, appName, changelog]);
  if (current && current.asked !== asked) {
    throw new SchemaError('CONNECTED_ELSEWHERE', 'Cannot connect to MongoDB', {
      why: 'this process is already connected to another database, or with other options',
      fix: 'call close() first',
    });
  }
  const state = (holder[connection] = current ?? begin(asked, { url, database, appName, changelog }));
  return (await state.opening).db;
}

function begin(asked: string, how: Configured): State {
  const state: State = { asked, opening: open(how) };
  state.opening.then(
    (opened) => (state.open = opened),
    () => {
      // Forget the failed attempt, so that the next call tries again.
      if (holder[connection] === state) holder[connection] = undefined;
    },
  );
  return state;
}

async function open({ url, database, appName, changelog }: Configured): Promise<Open> {
  const client = makeClient(url, { appName });
  nameChangelog(client, changelog);
  const sightings = watch(client);
  let running = 0;
  client.on('connectionCheckedOut', () => running++);
  client.on('connectionCheckedIn', () => running--);
  try {
    await client.connect();
  } catch (error) {
    await client.close();
    throw explainConnection(error, url, sightings);
  }
  return { client, db: client.db(database), running: () => running };
}

function makeClient(url: MongoUrl, own: MongoClientOptions): MongoClient {
  const options = clientOptionsFor(url, own);
  try {
    return new MongoClient(url.reveal(), options);
  } catch (cause) {
    // The user and the password in the URL are known to be valid here, so the error is about an option.
    throw new SchemaError('USAGE', 'MONGODB_URL has an option that the driver refuses', {
      why: redact((cause as Error).message),
      fix: 'correct or remove that option',
      cause,
    });
  }
}

/** The server and database, and the options for the driver. */
interface Configured {
  readonly url: MongoUrl;
  readonly database: string;
  readonly appName: string;
  /** The name of the changelog, for health checks; undefined for the default name. */
  readonly changelog: string | undefined;
}

function configFor({ url, database, appName }: ConnectOptions, defaults: ConnectionDefaults): Configured {
  const { MONGODB_URL, MONGODB_PASSWORD_FILE, MONGODB_DATABASE, MONGODB_CHANGELOG } = processEnv();
  const config = readConfig({
    ...(url === undefined ? { MONGODB_URL, MONGODB_PASSWORD_FILE } : { MONGODB_URL: url }),
    MONGODB_DATABASE: database ?? MONGODB_DATABASE,
    MONGODB_CHANGELOG,
  });
  if (config.url !== undefined) {
    return {
      url: config.url,
      database: config.database ?? defaults.defaultDatabase,
      appName: appName ?? defaults.appName,
      changelog: config.changelog,
    };
  }
  throw new SchemaError('USAGE', 'MONGODB_URL is not set', {
    fix: 'set MONGODB_URL to the connection string of the server, or call connect() with a url',
  });
}

function db(): Db {
  const state = holder[connection];
  if (state?.open && !state.closing) return state.open.db;
  throw new SchemaError('NOT_CONNECTED', 'There is no connection', {
    fix: 'await connect() when the application starts, before it calls db()',
  });
}

async function close({ patience = 5_000 }: CloseOptions = {}): Promise<void> {
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
  // An operation that has just started has no connection yet. So wait until two checks in a row find no running operation.
  for (let quiet = 0; quiet < 2 && performance.now() < giveUpAt; quiet = opened.running() === 0 ? quiet + 1 : 0) {
    await sleep(10);
  }
  await opened.client.close();
}
