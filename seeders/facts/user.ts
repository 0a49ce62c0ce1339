import type { ObjectId } from 'mongodb';
import { idOf, sharedSeed } from '../ids';
import { Random } from '../random';
import type { World } from '../world';
import { remember } from './remember';
import { days } from './time';

/** Facts that all documents of a user share. */
export interface UserFacts {
  readonly id: ObjectId;
  readonly email: string;
  /** The seed from which the account is generated: `sharedSeed` for the accounts that all seeds share. */
  readonly seed: number;
  readonly createdAt: Date;
}

/** The number of accounts that all seeds share. Their addresses do not depend on the seed, so they are well known. */
export const sharedAccounts = 2;

export function emailOf(seed: number, user: number): string {
  return user < sharedAccounts ? `testuser${user}@example.com` : `testuser${user}.${seed}@example.com`;
}

export const userFacts = remember((world: World, user: number): UserFacts => {
  const seed = user < sharedAccounts ? sharedSeed : world.seed;
  const place = { user, project: 0, item: 0 };
  const random = new Random(seed, 'facts of a user', place);
  const now = world.now.getTime();
  return {
    id: idOf(seed, place),
    email: emailOf(world.seed, user),
    seed,
    // The user registered less than a year ago, so the TTL deletes nothing from the audit log.
    createdAt: random.date(now - days(340), now - days(300)),
  };
});
