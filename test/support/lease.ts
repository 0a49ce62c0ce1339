import type { Db } from 'mongodb';
import { expect } from 'vitest';
import { isHeld } from '../../src/history';

/** Lets a lease run out that nobody is left to renew or release: it stands for the passing of half a minute. */
export async function letLeaseRunOut(db: Db): Promise<void> {
  await db
    .collection<{ _id: string }>('schema_lock')
    .updateOne({ _id: 'lease', owner: { $exists: true } }, { $set: { expires_at: new Date(0) } });
  expect(await isHeld(db)).toBe(false);
}
