import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { MongoClient, MongoServerError, type Db, type Document } from 'mongodb';
import { ConnectionString } from 'mongodb-connection-string-url';
import { projectFolder } from '../support/project-folder';
import { type Ended } from '../support/schema-command';
import { startWithUsers } from '../support/server-with-users';
import { runMongosh } from './tools';

export const userNames = ['application', 'migrator', 'monitor', 'backup', 'restore', 'explorer'] as const;
export type UserName = (typeof userNames)[number];

/** A server on which docker/mongo-init.js made the users, as the image makes them. */
export interface ServerWithRoles {
  readonly database: string;
  readonly root: Db;
  urlOf(user: UserName, password?: string): string;
  /** Runs docker/mongo-init.js, with other passwords where some are given. */
  init(passwords?: Readonly<Partial<Record<UserName, string>>>): Promise<Ended>;
  /** Roles and users as the server keeps them, in one order, without what it makes of passwords. */
  rolesAndUsers(): Promise<Document>;
  /** What a user gets to hear: undefined, or the code of the error. */
  attempt(user: UserName, work: (db: Db) => Promise<unknown>): Promise<number | string | undefined>;
  stop(): Promise<void>;
}

export async function startWithRoles(mongosh: string, database: string): Promise<ServerWithRoles> {
  const server = await startWithUsers();
  const folder = await mkdtemp(path.join(tmpdir(), 'mongo-init-'));
  const { username, password, hosts } = new ConnectionString(server.url);
  const secret = async (name: string, text: string) => {
    const file = path.join(folder, name);
    await writeFile(file, `${text}\n`, { mode: 0o600 });
    return file;
  };
  const client = await new MongoClient(server.url).connect();
  const clients = new Map<UserName, MongoClient>();
  const root = client.db(database);
  const bare = `mongodb://${hosts[0] ?? ''}/${database}?directConnection=true`;
  const urlOf = (user: UserName, as: string = defaultPassword(user)) => {
    const url = new ConnectionString(bare);
    return Object.assign(url, { username: user, password: encodeURIComponent(as) }).toString();
  };
  return {
    database,
    root,
    urlOf,
    init: async (passwords = {}) => {
      const files = userNames.map(async (user) => [
        `${user.toUpperCase()}_PASSWORD_FILE`,
        await secret(user, passwords[user] ?? defaultPassword(user)),
      ]);
      return runMongosh(mongosh, [bare, path.join(projectFolder, 'docker', 'mongo-init.js')], {
        ...(Object.fromEntries(await Promise.all(files)) as Record<string, string>),
        HOME: folder,
        MONGO_INITDB_DATABASE: database,
        MONGO_INITDB_ROOT_USERNAME: username,
        MONGO_INITDB_ROOT_PASSWORD_FILE: await secret('root', decodeURIComponent(password)),
      });
    },
    rolesAndUsers: async () => {
      const { roles } = await root.command({ rolesInfo: 1, showPrivileges: true });
      const { users } = (await root.command({ usersInfo: 1 })) as unknown as { users: Document[] };
      return inOrder({ roles: roles as unknown, users }) as Document;
    },
    attempt: async (user, work) => {
      const as = clients.get(user) ?? new MongoClient(urlOf(user));
      clients.set(user, as);
      return work(as.db(database)).then(
        () => undefined,
        (error: unknown) => (error instanceof MongoServerError ? error.code : Promise.reject(error as Error)),
      );
    },
    stop: async () => {
      await Promise.all([client, ...clients.values()].map((one) => one.close()));
      await server.stop();
      await rm(folder, { recursive: true });
    },
  };
}

/** With characters that a URL would trip over. */
function defaultPassword(user: UserName): string {
  return `${user}:p@ss/w%rd`;
}

/** Every list in here is a set, and a server that grants or revokes a role keeps the others in any order. */
function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(inOrder).sort((one, other) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1));
  }
  if (!isPlain(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, inOrder(inner)]));
}

/** Not an id of a user, which has no lists. */
function isPlain(value: unknown): value is object {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
