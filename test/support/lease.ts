import type { Db } from 'mongodb';
import { expect } from 'vitest';
import { isHeld } from '../../src/history';

/** Makes a lease expire that nobody renews or releases any more, as if half a minute had passed. */
export async function letLeaseRunOut(db: Db): Promise<void> {
  await db
    .collection<{ _id: string }>('schema_lock')
    .updateOne({ _id: 'lease', owner: { $exists: true } }, { $set: { expires_at: new Date(0) } });
  expect(await isHeld(db)).toBe(false);
}
