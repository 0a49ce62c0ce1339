import { inspect } from 'node:util';
import { ConnectionString, redactConnectionString } from 'mongodb-connection-string-url';

/**
 * Connection string options that are ignored. These options would make records less durable, read records from a secondary, or abort a long
 * index build in the client.
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

/** Options by which a client finds the members of a replica set. */
const ofTheSet = new Set(
  ['directConnection', 'replicaSet', 'loadBalanced', 'srvMaxHosts', 'srvServiceName'].map((name) => name.toLowerCase()),
);

/**
 * A parsed connection string. When printed, logged or converted to JSON it shows no user and no password.
 * Only `reveal` returns the full text, for a driver or a tool.
 */
export class MongoUrl {
  readonly #text: string;
  readonly #parsed: ConnectionString;
  /** The values of the options by lower-case name, because the driver ignores case. */
  readonly #options: ReadonlyMap<string, string>;

  /** @throws the parser's error for a text that is not a connection string; the error may repeat the text. */
  constructor(text: string) {
    this.#text = text;
    this.#parsed = new ConnectionString(text);
    this.#options = new Map([...this.#parsed.searchParams].map(([name, value]) => [name.toLowerCase(), value]));
  }

  static of(url: string | MongoUrl): MongoUrl {
    return typeof url === 'string' ? new MongoUrl(url) : url;
  }

  /** The hosts with their ports, as written in the URL: `one:27017`. */
  get hosts(): readonly string[] {
    return this.#parsed.hosts;
  }

  get isSrv(): boolean {
    return this.#parsed.isSRV;
  }

  /** The database in the path of the URL. */
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

  /** Returns the value of an option. The case of the option's name is ignored. */
  option(name: string): string | undefined {
    return this.#options.get(name.toLowerCase());
  }

  /** The names of the options, as written. */
  get optionNames(): readonly string[] {
    return [...new Set(this.#parsed.searchParams.keys())];
  }

  /** Returns the same URL with only some of the options. */
  withOptions(isKept: (name: string) => boolean): MongoUrl {
    return this.with((parsed) => {
      for (const name of this.optionNames) if (!isKept(name)) parsed.searchParams.delete(name);
    });
  }

  /** The options that migrations override, as written. They are not used. */
  get overridden(): readonly string[] {
    return [...this.#parsed.searchParams.keys()].filter((name) => overridden.has(name.toLowerCase()));
  }

  /** Returns the same URL without the options that migrations override. */
  withoutOverridden(): MongoUrl {
    return this.with((parsed) => {
      for (const name of this.overridden) parsed.searchParams.delete(name);
    });
  }

  /**
   * Returns a URL for a single member of the replica set, with the same login and options.
   * @param authSource the database of the user; needed with `mongodb+srv`, where DNS provides this name
   */
  atMember(host: string, authSource?: string): MongoUrl {
    const { username, password, pathname, searchParams } = this.#parsed;
    const member = new ConnectionString(`mongodb://${host}/`);
    Object.assign(member, { username, password, pathname });
    for (const [name, value] of searchParams)
      if (!ofTheSet.has(name.toLowerCase())) member.searchParams.append(name, value);
    const has = (name: string) => this.option(name) !== undefined;
    // `mongodb+srv` implies TLS.
    if (this.isSrv && !has('tls') && !has('ssl')) member.searchParams.set('tls', 'true');
    if (this.isSrv && !has('authSource') && authSource !== undefined) member.searchParams.set('authSource', authSource);
    member.searchParams.set('directConnection', 'true');
    return new MongoUrl(member.toString());
  }

  /** Returns a copy of the URL, to which `change` was applied. */
  with(change: (parsed: ConnectionString) => void): MongoUrl {
    const copy = this.#parsed.clone();
    change(copy);
    return new MongoUrl(copy.toString());
  }

  /** Returns the full text, with user and password. */
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
