import type { Db, Document } from 'mongodb';
import { withReads, type Target } from '../database';
import { isUnauthorized } from '../database/server-errors';
import { MongoUrl } from '../support/mongo-url';
import { reportOf } from '../support/schema-error';

/** The result from one server, or the reason why there is no result. */
export type MemberLook<T> =
  | { readonly host: string; readonly isPrimary: boolean; readonly found: T }
  | { readonly host: string; readonly isPrimary: boolean; readonly problem: string };

/** A replica set member that has data, so not an arbiter. */
interface Member {
  readonly host: string;
  readonly isPrimary: boolean;
}

/**
 * Runs `look` on each server that has the data (every member of a replica set, or the single server), each over its own connection. A
 * member that cannot be reached is reported, and the other members are still read.
 * @throws what `look` throws
 */
export async function lookAtMembers<T>(target: Target, db: Db, look: (db: Db) => Promise<T>): Promise<MemberLook<T>[]> {
  const hello = (await db.admin().command({ hello: 1 })) as Hello;
  if (hello.setName === undefined) {
    const [host = ''] = MongoUrl.of(target.url).hosts;
    return [{ host, isPrimary: true, found: await look(db) }];
  }
  const members = (await membersByStatus(db)) ?? membersByHello(hello);
  return Promise.all(
    members.map((member) => lookAt(target, db, { ...member, isConnected: member.host === hello.me }, look)),
  );
}

async function lookAt<T>(
  { url, database, allowSharded }: Target,
  db: Db,
  { isConnected, ...member }: Member & { readonly isConnected: boolean },
  look: (db: Db) => Promise<T>,
): Promise<MemberLook<T>> {
  if (isConnected) return { ...member, found: await look(db) };
  const at = MongoUrl.of(url).atMember(member.host, db.client.options.credentials?.source);
  try {
    const looked = await withReads({ url: at, database, allowSharded }, async (connection) => {
      try {
        return { found: await look(connection.db) };
      } catch (error) {
        // The member can be reached, but refuses the command. All other members would refuse it too.
        if (reportOf(error).code === 'NOT_ALLOWED') return { refusal: error };
        throw error;
      }
    });
    if ('refusal' in looked) throw looked.refusal;
    return { ...member, found: looked.found };
  } catch (error) {
    const { summary, why = [], code } = reportOf(error);
    if (code === 'NOT_ALLOWED') throw error;
    return { ...member, problem: [summary, ...why].join(': ') };
  }
}

interface Hello {
  readonly setName?: string;
  /** The name of the member that sent this answer. */
  readonly me?: string;
  readonly primary?: string;
  readonly hosts?: readonly string[];
  readonly passives?: readonly string[];
}

/** Returns the members, except hidden ones, which the answer to `hello` does not list. */
function membersByHello({ primary, hosts = [], passives = [] }: Hello): Member[] {
  return [...hosts, ...passives].map((host) => ({ host, isPrimary: host === primary }));
}

const arbiter = 7;

/** Returns all members, regardless of their reported states, which may be some seconds old. Undefined when this user may not read them. */
async function membersByStatus(db: Db): Promise<Member[] | undefined> {
  try {
    const { members } = await db.admin().command({ replSetGetStatus: 1 });
    return (members as Document[])
      .filter(({ state }) => state !== arbiter)
      .map(({ name, stateStr }) => ({ host: String(name), isPrimary: stateStr === 'PRIMARY' }));
  } catch (error) {
    if (isUnauthorized(error)) return undefined;
    throw error;
  }
}
