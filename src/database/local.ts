import type { Db } from 'mongodb';
import type { MongoUrl } from '../support/mongo-url';

const loopback = /^(?:localhost|127(?:\.\d{1,3}){3}|\[?::1\]?)(?::\d+)?$/i;

/**
 * Whether a server is on this machine. The connection string has to say so, and the members of a replica set to go by such names:
 * a tunnel to a server elsewhere begins on this machine too.
 */
export async function isLocal(url: MongoUrl, db: Db): Promise<boolean> {
  if (url.isSrv || !url.hosts.every((host) => loopback.test(host))) return false;
  const { msg, hosts = [] } = (await db.admin().command({ hello: 1 })) as { msg?: unknown; hosts?: readonly unknown[] };
  return msg !== 'isdbgrid' && hosts.every((host) => loopback.test(String(host)));
}
