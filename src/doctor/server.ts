import type { Db } from 'mongodb';
import { withReads, type Target } from '../database';
import { MongoUrl } from '../support/mongo-url';
import type { DoctorLine } from './line';
import { privilegesLine } from './privileges';
import { ownCollections } from '../schema';

export interface ServerLook {
  readonly lines: readonly DoctorLine[];
  /** The size of the documents in the database, where this user may know it. */
  readonly bytes?: number;
}

export interface LookOptions {
  /** The collections that migrations make. */
  readonly collections: readonly string[];
  /** This machine's clock, in milliseconds. */
  readonly now?: () => number;
}

/** The release that everything here is tested on. */
const tested = '7.0';

/**
 * What a server is, how its clock goes, and what its user may do. Writes nothing.
 * @throws error with a `ConnectionErrorCode` when it cannot be reached
 */
export function lookAtServer(target: Target, { collections, now = Date.now }: LookOptions): Promise<ServerLook> {
  const { database, changelog = ownCollections.changelog } = target;
  return withReads(target, async ({ db, server: { version } }) => {
    const asked = now();
    const hello = (await db.admin().command({ hello: 1 })) as { localTime: Date; setName?: string };
    const answered = now();
    const bytes = await sizeOf(db);
    return {
      lines: [
        {
          name: 'server',
          state: 'ok',
          found: `${MongoUrl.of(target.url).hosts.join(', ')} answers within ${Math.ceil(answered - asked)} ms, database ${database}`,
        },
        versionLine(version),
        topologyLine(hello.setName),
        clockLine(hello.localTime.getTime(), asked, answered),
        await privilegesLine(db, { database, collections, changelog }),
      ],
      ...(bytes !== undefined && { bytes }),
    };
  });
}

/** The right to know it is not needed for anything else. */
async function sizeOf(db: Db): Promise<number | undefined> {
  const stats = await db.stats().catch(() => undefined);
  return stats && Number(stats['dataSize']);
}

export function versionLine(version: string): DoctorLine {
  const name = 'server version';
  if (version.startsWith(`${tested}.`)) return { name, state: 'ok', found: `mongod ${version}` };
  return {
    name,
    state: 'warning',
    found: `mongod ${version}: nothing here is tested on other releases than ${tested}`,
    fix: `use MongoDB ${tested}`,
  };
}

function topologyLine(setName: string | undefined): DoctorLine {
  const name = 'topology';
  if (setName !== undefined) return { name, state: 'ok', found: `replica set ${setName}` };
  return {
    name,
    state: 'warning',
    found: 'a standalone server: a write that was answered may be lost with it, and a backfill with `once` is refused',
    fix: 'start mongod with --replSet, and call rs.initiate() once; one member is enough',
  };
}

/** In milliseconds. */
const mostApart = 2_000;

function clockLine(theirs: number, asked: number, answered: number): DoctorLine {
  const name = 'clock';
  const difference = theirs - (asked + answered) / 2;
  const isApart = Math.abs(difference) - (answered - asked) / 2 > mostApart;
  if (!isApart) return { name, state: 'ok', found: "the server's clock and this machine's agree" };
  return {
    name,
    state: 'warning',
    found: `the server's clock is ${Math.round(Math.abs(difference) / 1000)} s ${difference > 0 ? 'ahead of' : 'behind'} this machine's`,
    fix: 'set both by NTP: names of migrations and of backups come from this clock, the history and TTLs from that one',
  };
}
