import { MongoClient } from 'mongodb';
import { MongoMemoryServer } from 'mongodb-memory-server-core';
import { ConnectionString } from 'mongodb-connection-string-url';
import { findMongod } from '../../src/server';

/** A standalone server on which nobody may do what no role allows. */
export interface AuthServer {
  /** The connection string of somebody who may do anything. */
  readonly rootUrl: string;
  /** Makes a user with roles on a database, and gives the connection string that it uses. */
  readonly urlOf: (database: string, roles: readonly string[]) => Promise<string>;
  readonly stop: () => Promise<void>;
}

export async function startAuthServer(): Promise<AuthServer> {
  const { path, version } = await findMongod();
  const auth = { enable: true, customRootName: 'root', customRootPwd: 'rootpass' };
  const server = await MongoMemoryServer.create({
    binary: { systemBinary: path, version },
    instance: { ip: '127.0.0.1', storageEngine: 'wiredTiger', launchTimeout: 60_000 },
    auth,
  });
  const urlFor = (username: string, password: string, authSource: string) => {
    const url = new ConnectionString(server.getUri());
    Object.assign(url, { username, password });
    url.searchParams.set('authSource', authSource);
    return url.toString();
  };
  const rootUrl = urlFor(auth.customRootName, auth.customRootPwd, 'admin');
  let users = 0;
  return {
    rootUrl,
    urlOf: async (database, roles) => {
      const user = `user${++users}`;
      const client = await new MongoClient(rootUrl).connect();
      try {
        await client.db(database).command({ createUser: user, pwd: 'userpass', roles });
      } finally {
        await client.close();
      }
      return urlFor(user, 'userpass', database);
    },
    stop: async () => {
      await server.stop();
    },
  };
}
