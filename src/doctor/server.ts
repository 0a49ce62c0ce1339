import type { Db } from 'mongodb';
import { withReads, type Target } from '../database';
import { MongoUrl } from '../support/mongo-url';
import type { DoctorLine } from './line';
import { privilegesLine } from './privileges';
import { ownCollections } from '../schema';

export interface ServerLook {
  readonly lines: readonly DoctorLine[];
  /** The size of the documents in the database; undefined when this user may not read it. */
  readonly bytes?: number;
}

export interface LookOptions {
  /** The collections that migrations create. */
  readonly collections: readonly string[];
  /** Returns this machine's time, in milliseconds. */
  readonly now?: () => number;
}

/** The release that all tests use. */
const tested = '7.0';

/**
 * Checks the server, its clock, and the privileges of the user. Writes nothing.
 * @throws error with a `ConnectionErrorCode` when the server cannot be reached
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

/**
 * Returns the size of the data; undefined when this user may not read it. A missing privilege is no problem here: no other check needs it.
 */
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
    found: `mongod ${version}: this tool is tested only on ${tested}`,
    fix: `use MongoDB ${tested}`,
  };
}

function topologyLine(setName: string | undefined): DoctorLine {
  const name = 'topology';
  if (setName !== undefined) return { name, state: 'ok', found: `replica set ${setName}` };
  return {
    name,
    state: 'warning',
    found: 'a standalone server: if it fails, acknowledged writes may be lost; a backfill with `once` is refused',
    fix: 'start mongod with --replSet, and call rs.initiate() once; a single member is enough',
  };
}

/** How far the two clocks may be apart, in milliseconds. */
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
    fix: 'set both clocks by NTP: names of migrations and backups use the clock of this machine; the history and TTLs use the clock of the server',
  };
}
