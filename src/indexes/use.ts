import type { Db } from 'mongodb';
import type { Target, TtlWork } from '../database';
import { lookAtMembers, type MemberLook } from './members';
import type { IndexPlace } from './known-query';
import { useOnMember, type MemberUse } from './use-on-member';

/** How queries have used an index, on all servers that have it. */
export interface IndexUse extends IndexPlace {
  /** The number of uses, summed over all servers. */
  readonly ops: number;
  /** The uses per day, summed over all servers. Undefined when a server has counted for less than an hour. */
  readonly opsPerDay?: number;
  /** The time since which all servers count. A restart, a build and a collMod of the index reset the count. */
  readonly since: Date;
  /** How long all servers have counted, by their clocks, in seconds. */
  readonly seconds: number;
  readonly isBuilding: boolean;
  readonly members: readonly MemberCount[];
}

export interface MemberCount {
  readonly host: string;
  readonly ops: number;
  readonly since: Date;
}

export interface UseReport {
  readonly indexes: readonly IndexUse[];
  /** The servers that were asked. */
  readonly members: readonly AskedMember[];
  /** Whether every server reported how it uses the indexes. */
  readonly isWhole: boolean;
}

export interface AskedMember {
  readonly host: string;
  readonly isPrimary: boolean;
  readonly ttl?: TtlWork;
  /** Why the server did not report. */
  readonly problem?: string;
}

/**
 * Returns how the indexes of some collections are used, summed over every member of a replica set.
 * @param db the connection to the target
 * @throws error with code `NOT_ALLOWED` that names the role to grant
 */
export async function readUse(target: Target, db: Db, collections: readonly string[]): Promise<UseReport> {
  const looks = await lookAtMembers(target, db, (member) => useOnMember(member, collections));
  return {
    indexes: sumUp(looks),
    members: looks.map(({ host, isPrimary, ...look }) => {
      if ('problem' in look) return { host, isPrimary, problem: look.problem };
      return { host, isPrimary, ...(look.found.ttl && { ttl: look.found.ttl }) };
    }),
    isWhole: looks.every((look) => 'found' in look),
  };
}

/** Returns the use of an index without its collection and name. */
export function withoutPlace({
  collection: _collection,
  name: _name,
  ...use
}: IndexUse): Omit<IndexUse, keyof IndexPlace> {
  return use;
}

const [hour, day] = [3_600, 86_400];

/** Adds up the counts of the servers that answered. */
export function sumUp(looks: readonly MemberLook<MemberUse>[]): IndexUse[] {
  const byPlace = new Map<string, (MemberCount & IndexPlace & { now: Date; isBuilding: boolean })[]>();
  for (const look of looks) {
    if (!('found' in look)) continue;
    const { host, found } = look;
    for (const access of found.accesses) {
      const key = JSON.stringify([access.collection, access.name]);
      byPlace.set(key, [...(byPlace.get(key) ?? []), { host, now: found.now, ...access }]);
    }
  }
  return [...byPlace.values()].flatMap((counts) => {
    const [first] = counts;
    if (!first) return [];
    const secondsOf = ({ now, since }: { now: Date; since: Date }) =>
      Math.max(0, now.getTime() - since.getTime()) / 1000;
    const seconds = Math.min(...counts.map(secondsOf));
    const opsPerDay = counts.reduce((sum, one) => sum + (one.ops / secondsOf(one)) * day, 0);
    return {
      collection: first.collection,
      name: first.name,
      ops: counts.reduce((sum, { ops }) => sum + ops, 0),
      ...(seconds >= hour && { opsPerDay }),
      since: new Date(Math.max(...counts.map(({ since }) => since.getTime()))),
      seconds,
      isBuilding: counts.some(({ isBuilding }) => isBuilding),
      members: counts.map(({ host, ops, since }) => ({ host, ops, since })),
    };
  });
}
