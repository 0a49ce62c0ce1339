import { MongoClient, type Db } from 'mongodb';
import { clientOptions, withoutOverridden } from '../config';
import { explainPrivilege, inspectServer, type ServerFacts } from '../migration';

/** Where to work. */
export interface Target {
  /** The connection string. Its write concern, read concern and read preference are not used: migrations set their own. */
  readonly url: string;
  readonly database: string;
  readonly allowSharded?: boolean | undefined;
}

export interface Connection {
  readonly db: Db;
  /** The same database through a client of its own: a lease is renewed there, behind no other command. */
  readonly heartbeat: Db;
  readonly server: ServerFacts;
}

/**
 * Connects, and closes after the work.
 * @throws Error of the driver when the server does not answer or refuses the login; for a mongos, unless allowed; naming
 * the privilege when one is missing.
 */
export async function withConnection<T>(target: Target, work: (connection: Connection) => Promise<T>): Promise<T> {
  const { url } = withoutOverridden(target.url);
  const clients = [
    new MongoClient(url, clientOptions),
    new MongoClient(url, { ...clientOptions, maxPoolSize: 2 }),
  ] as const;
  try {
    await Promise.all(clients.map((client) => client.connect()));
    const [db, heartbeat] = [clients[0].db(target.database), clients[1].db(target.database)];
    return await work({
      db,
      heartbeat,
      server: await inspectServer(db, { allowSharded: target.allowSharded ?? false }),
    });
  } catch (error) {
    throw explainPrivilege(error);
  } finally {
    await Promise.all(clients.map((client) => client.close()));
  }
}
