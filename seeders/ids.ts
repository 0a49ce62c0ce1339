import { ObjectId } from 'mongodb';
import type { Place } from './world';

// An id such as 0da7 00000001 0002 003 00010 consists of a mark, the seed, the user, the project and the item. In an id that a driver
// generates, the first four bytes are the time. As a time, the mark means April 1977, so no document of an application has such an id. In
// each collection, the ids of all documents of a seed form one range.
const mark = [0x0d, 0xa7] as const;

/** The number that is used instead of a seed for the accounts that all seeds share. */
export const sharedSeed = 2 ** 32 - 1;

export function idOf(seed: number, { user, project, item }: Place): ObjectId {
  const bytes = new Uint8Array(12);
  bytes[0] = mark[0];
  bytes[1] = mark[1];
  bytes[2] = seed >>> 24;
  bytes[3] = seed >>> 16;
  bytes[4] = seed >>> 8;
  bytes[5] = seed;
  bytes[6] = user >>> 8;
  bytes[7] = user;
  bytes[8] = project >>> 4;
  bytes[9] = ((project & 0xf) << 4) | (item >>> 16);
  bytes[10] = item >>> 8;
  bytes[11] = item;
  return new ObjectId(bytes);
}

interface Range {
  readonly $gte: ObjectId;
  readonly $lte: ObjectId;
}

/** Returns the range of all ids of a seed. */
export function idsOf(seed: number): Range {
  return range(seed, seed);
}

/** The range of all ids of all seeds, except those of the shared accounts. */
export const idsOfAllSeeds: Range = range(0, sharedSeed - 1);

function range(from: number, to: number): Range {
  const last = { user: 2 ** 16 - 1, project: 2 ** 12 - 1, item: 2 ** 20 - 1 };
  return { $gte: idOf(from, { user: 0, project: 0, item: 0 }), $lte: idOf(to, last) };
}
