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
 * Where to connect to. What is not given comes from the environment.
 * @category Connecting
 */
export interface ConnectOptions {
  /** The connection string; else MONGODB_URL, with the password from MONGODB_PASSWORD_FILE. `mongodb+srv://` and logins are part of it, and its options win. */
  readonly url?: string;
  /** The database; else MONGODB_DATABASE, the path of the connection string, or the product's own. */
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

/** In the process, and not in this module: a process may load the module twice, as sources and as compiled code. */
const holder = globalThis as { [connection]?: State | undefined };
const connection = Symbol.for('schema.connection');

/** What a product's applications connect with unless they say otherwise. */
export interface ConnectionDefaults {
  readonly appName: string;
  readonly defaultDatabase: string;
}

/** The one connection that a process has. */
export interface SharedConnection {
  connect(options?: ConnectOptions): Promise<Db>;
  db(): Db;
  close(options?: CloseOptions): Promise<void>;
}

/** The connection of the applications of a product. It is made when it is asked for, and however often, a process has one. */
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
      why: 'this process is connected already, to another database or with other options',
      fix: 'close() first',
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
      // So that the next call tries again.
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
    // The user and the password were read without complaint by now, so this is about an option.
    throw new SchemaError('USAGE', 'MONGODB_URL has an option that the driver refuses', {
      why: redact((cause as Error).message),
      fix: 'correct it, or take it out',
      cause,
    });
  }
}

/** Where to connect to, and how. */
interface Configured {
  readonly url: MongoUrl;
  readonly database: string;
  readonly appName: string;
  /** The name of the changelog, for health; the usual one unless the environment names another. */
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
    fix: 'set it to the connection string of the server, or give connect() a url',
  });
}

function db(): Db {
  const state = holder[connection];
  if (state?.open && !state.closing) return state.open.db;
  throw new SchemaError('NOT_CONNECTED', 'There is no connection', {
    fix: 'await connect() when the application starts, before db() is called',
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
  // What was called a moment ago has no connection yet: so twice in a row nothing has to be running.
  for (let quiet = 0; quiet < 2 && performance.now() < giveUpAt; quiet = opened.running() === 0 ? quiet + 1 : 0) {
    await sleep(10);
  }
  await opened.client.close();
}
