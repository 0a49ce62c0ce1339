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
  /** The seed of the account. Accounts for logging in are the same for all seeds. */
  readonly seed: number;
  readonly createdAt: Date;
}

/** The number of accounts that all seeds share. Because they are shared, their addresses are well known. */
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
    // Less than a year ago, so that the TTL deletes nothing from the audit log.
    createdAt: random.date(now - days(340), now - days(300)),
  };
});
