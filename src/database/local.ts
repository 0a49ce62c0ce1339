import type { Db } from 'mongodb';
import type { MongoUrl } from '../support/mongo-url';

const loopback = /^(?:localhost|127(?:\.\d{1,3}){3}|\[?::1\]?)(?::\d+)?$/i;

/**
 * Returns whether a server is on this machine. Both the connection string and the members of the replica set must have local names,
 * because a tunnel to another machine also has a local address.
 */
export async function isLocal(url: MongoUrl, db: Db): Promise<boolean> {
  if (url.isSrv || !url.hosts.every((host) => loopback.test(host))) return false;
  const { msg, hosts = [] } = (await db.admin().command({ hello: 1 })) as { msg?: unknown; hosts?: readonly unknown[] };
  return msg !== 'isdbgrid' && hosts.every((host) => loopback.test(String(host)));
}
