import { inspect } from 'node:util';
import { ConnectionString, redactConnectionString } from 'mongodb-connection-string-url';

/**
 * Options in a connection string that would make the bookkeeping less than durable, read it from a secondary, or end a
 * long index build in the client.
 */
const overridden = new Set(
  [
    'w',
    'j',
    'journal',
    'wtimeout',
    'wtimeoutMS',
    'readPreference',
    'readPreferenceTags',
    'maxStalenessSeconds',
    'readConcernLevel',
    'socketTimeoutMS',
    'timeoutMS',
  ].map((name) => name.toLowerCase()),
);

/** Options by which a client finds the members of a set. */
const ofTheSet = new Set(
  ['directConnection', 'replicaSet', 'loadBalanced', 'srvMaxHosts', 'srvServiceName'].map((name) => name.toLowerCase()),
);

/**
 * A connection string, parsed once. Wherever it is printed, logged or turned into JSON it shows no user and no password;
 * `reveal` alone gives the text, for a driver or a tool.
 */
export class MongoUrl {
  readonly #text: string;
  readonly #parsed: ConnectionString;
  /** By their name in lower case: the driver does not tell cases apart. */
  readonly #options: ReadonlyMap<string, string>;

  /** @throws the parser's error for a text that is not a connection string; it may repeat the text. */
  constructor(text: string) {
    this.#text = text;
    this.#parsed = new ConnectionString(text);
    this.#options = new Map([...this.#parsed.searchParams].map(([name, value]) => [name.toLowerCase(), value]));
  }

  static of(url: string | MongoUrl): MongoUrl {
    return typeof url === 'string' ? new MongoUrl(url) : url;
  }

  /** The hosts with their ports, as the URL writes them: `one:27017`. */
  get hosts(): readonly string[] {
    return this.#parsed.hosts;
  }

  get isSrv(): boolean {
    return this.#parsed.isSRV;
  }

  /** The database in its path. */
  get database(): string | undefined {
    const path = this.#parsed.pathname.slice(1);
    return path === '' ? undefined : decodeURIComponent(path);
  }

  get username(): string {
    return this.#parsed.username;
  }

  get password(): string {
    return this.#parsed.password;
  }

  /** The value of an option, in whatever case its name is written. */
  option(name: string): string | undefined {
    return this.#options.get(name.toLowerCase());
  }

  /** The names of its options, as they are written. */
  get optionNames(): readonly string[] {
    return [...new Set(this.#parsed.searchParams.keys())];
  }

  /** The same server with some of the options. */
  withOptions(isKept: (name: string) => boolean): MongoUrl {
    return this.with((parsed) => {
      for (const name of this.optionNames) if (!isKept(name)) parsed.searchParams.delete(name);
    });
  }

  /** The options that migrations set themselves, as they are written: these are not used. */
  get overridden(): readonly string[] {
    return [...this.#parsed.searchParams.keys()].filter((name) => overridden.has(name.toLowerCase()));
  }

  /** The same server without the options that migrations set themselves. */
  withoutOverridden(): MongoUrl {
    return this.with((parsed) => {
      for (const name of this.overridden) parsed.searchParams.delete(name);
    });
  }

  /**
   * One member of its replica set alone, with the same login and options.
   * @param authSource where the user is kept, where the name of the host alone tells it: with `mongodb+srv`
   */
  atMember(host: string, authSource?: string): MongoUrl {
    const { username, password, pathname, searchParams } = this.#parsed;
    const member = new ConnectionString(`mongodb://${host}/`);
    Object.assign(member, { username, password, pathname });
    for (const [name, value] of searchParams)
      if (!ofTheSet.has(name.toLowerCase())) member.searchParams.append(name, value);
    const has = (name: string) => this.option(name) !== undefined;
    // What `mongodb+srv` stands for.
    if (this.isSrv && !has('tls') && !has('ssl')) member.searchParams.set('tls', 'true');
    if (this.isSrv && !has('authSource') && authSource !== undefined) member.searchParams.set('authSource', authSource);
    member.searchParams.set('directConnection', 'true');
    return new MongoUrl(member.toString());
  }

  /** A copy in which something is changed. */
  with(change: (parsed: ConnectionString) => void): MongoUrl {
    const copy = this.#parsed.clone();
    change(copy);
    return new MongoUrl(copy.toString());
  }

  /** The text with user and password. */
  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return redactConnectionString(this.#text);
  }

  toJSON(): string {
    return this.toString();
  }

  [inspect.custom](): string {
    return this.toString();
  }
}
