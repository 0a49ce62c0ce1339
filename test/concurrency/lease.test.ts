import { setTimeout as sleep } from 'node:timers/promises';
import { hostname, userInfo } from 'node:os';
import { Long, MongoClient } from 'mongodb';
import { describe, expect, it, vi } from 'vitest';
import { recordApplied, takeLease, type Lease, type LeaseDocument } from '../../src/history';
import {
  holds,
  isHeld,
  markRecording,
  readLease,
  release,
  renew,
  settle,
  takeOver,
  tryTake,
} from '../../src/history/lease-document';
import { withDatabase, type TestDatabase } from '../support/database';
import { startProxy } from '../support/proxy';

/** Each test has a database of its own, and some wait for time to pass, so they go on side by side. */
const onLease = (name: string, work: (database: TestDatabase) => Promise<void>) => {
  it(name, () => withDatabase(work));
};

async function taken(db: TestDatabase['db'], seconds = 30) {
  const grant = await tryTake(db, 'a test', seconds);
  return grant ?? expect.fail('the lease was not free');
}

/** How long an answer of the primary counts, for a lease of this length. */
const answerCounts = (seconds: number) => (seconds * 1000) / 300;

/** As `unlock --force` does it. */
async function clear(db: TestDatabase['db'], token: number): Promise<void> {
  const grant = await takeOver(db, token, 'unlock', 10);
  if (grant) await release(db, grant);
}

/** What a promise is rejected with. */
async function rejection(promise: Promise<unknown>): Promise<Error & { code?: unknown }> {
  return promise.then(
    () => expect.fail('it was not refused'),
    (error: unknown) => error as Error,
  );
}

describe.concurrent('Taking the lease', () => {
  onLease('gives twenty first takers at once one winner', async ({ db }) => {
    const grants = await Promise.all(Array.from({ length: 20 }, () => tryTake(db, 'a test', 30)));
    expect(grants.filter((grant) => grant !== undefined)).toHaveLength(1);
    expect(await readLease(db)).toMatchObject({ token: 1, owner: { purpose: 'a test', pid: process.pid } });
  });

  onLease('gives twenty takers of an expired one a single winner', async ({ db }) => {
    await taken(db, 0);
    const grants = await Promise.all(Array.from({ length: 20 }, () => tryTake(db, 'a test', 30)));
    expect(grants.filter((grant) => grant !== undefined)).toHaveLength(1);
  });

  onLease('makes the token grow each time, however the one before it ended', async ({ db }) => {
    const first = await taken(db);
    await release(db, first);
    const second = await taken(db, 0);
    const third = await taken(db);
    await clear(db, third.token);
    const fourth = await taken(db);
    await recordApplied(db, 'a.ts', 1);
    await markRecording(db, fourth, { migration: 'a.ts', direction: 'up' }, 30);
    const fifth = await taken(db);
    expect([first, second, third, fourth, fifth].map(({ token }) => token)).toEqual([1, 2, 3, 5, 6]);
  });

  onLease('names who holds it, since when and for what, once the time for waiting is over', async ({ db }) => {
    const grant = await taken(db);
    const waits: LeaseDocument[] = [];
    const waiting = takeLease(db, {
      purpose: 'b',
      seconds: 30,
      timeout: 3_000,
      onWait: (holder) => waits.push(holder),
    });
    const { code, message } = await rejection(waiting);
    expect(code).toBe('LOCKED');
    const { username } = userInfo();
    expect(message).toMatch(
      new RegExp(`a test by ${username} on ${hostname()} \\(pid ${process.pid}\\), since \\d{4}-.*Z`),
    );
    expect(waits.map(({ token }) => token)).toEqual([grant.token]);
  });
});

describe.concurrent('The token of a lease', () => {
  const event = (token: unknown) => ({ token, sequence: 1, attempt: 'a', type: 'started' });
  const setLease = (db: TestDatabase['db'], token: unknown) =>
    db.collection<{ _id: string }>('schema_lock').replaceOne({ _id: 'lease' }, { token }, { upsert: true });

  onLease('is above those of the history, when the lease is missing', async ({ db }) => {
    await db.collection('schema_history').insertMany([event(7), event(41), event(12)]);
    expect(await taken(db)).toMatchObject({ token: 42 });
  });

  onLease('is above those of the history, when the lease is older', async ({ db }) => {
    await setLease(db, 3);
    await db.collection('schema_history').insertMany([event(7), event(41)]);
    expect((await taken(db, 0)).token).toBe(42);
    expect((await taken(db)).token).toBe(43);
  });

  onLease('is above those of the history, when the lease is cleared by force', async ({ db }) => {
    const { token } = await taken(db);
    await db.collection('schema_history').insertOne(event(41));
    expect(await takeOver(db, token, 'unlock', 10)).toMatchObject({ token: 42 });
  });

  onLease('is above the one of the lease, when that is newer', async ({ db }) => {
    await setLease(db, 50);
    await db.collection('schema_history').insertOne(event(41));
    expect((await taken(db)).token).toBe(51);
  });

  const unusable = [
    ['the largest whole number', Number.MAX_SAFE_INTEGER],
    ['beyond whole numbers', Long.fromString('9223372036854775807')],
    ['a fraction', 1.5],
    ['negative', -1],
    ['infinite', Number.POSITIVE_INFINITY],
    ['not a number', Number.NaN],
    ['a text', '7'],
    ['null', null],
  ] as const;
  for (const [what, token] of unusable) {
    onLease(`is refused where the one before it is unusable (${what}), and the fix helps`, async ({ db }) => {
      await setLease(db, token);
      const ofLease = await rejection(tryTake(db, 'a test', 30));
      expect(ofLease).toMatchObject({ code: 'HISTORY', fix: expect.stringContaining('token: 0') as string });
      expect(await db.collection('schema_lock').countDocuments({ owner: { $exists: true } })).toBe(0);
      await setLease(db, 0);
      await db.collection('schema_history').insertMany([event(5), event(token)]);
      // Below the others it is not the newest, and spoils nothing.
      if (token === null || Number.isNaN(token) || token === -1 || token === 1.5) return;
      const ofHistory = await rejection(tryTake(db, 'a test', 30));
      expect(ofHistory).toMatchObject({ code: 'HISTORY', fix: expect.stringContaining('deleteOne') as string });
      await db.collection('schema_history').deleteOne({ token });
      expect((await taken(db)).token).toBe(6);
    });
  }
});

describe.concurrent('Whether a holder ended', () => {
  onLease('is known: after a release, nothing of it can be on its way', async ({ db }) => {
    const first = await taken(db);
    await release(db, first);
    expect([first.unsettled, (await taken(db)).unsettled]).toEqual([false, false]);
  });

  onLease('is not known when its lease ran out, until a run after it has guarded against that', async ({ db }) => {
    await taken(db, 0);
    const second = await taken(db, 0);
    const third = await taken(db);
    await release(db, third);
    const fourth = await taken(db);
    await settle(db, fourth);
    await release(db, fourth);
    const grants = [second, third, fourth, await taken(db)];
    expect(grants.map(({ unsettled }) => unsettled)).toEqual([true, true, true, false]);
  });

  onLease('is not known when its lease was cleared by force', async ({ db }) => {
    const first = await taken(db);
    const grant = await takeOver(db, first.token, 'unlock', 10);
    if (grant) await release(db, grant);
    expect((await taken(db)).unsettled).toBe(true);
  });

  onLease('is known of a bare run that is recording, also when that lease runs out', async ({ db }) => {
    const first = await taken(db);
    await markRecording(db, first, { migration: 'a.ts', direction: 'up' }, 0);
    expect((await taken(db)).unsettled).toBe(false);
  });
});

describe.concurrent('A lease that was lost', () => {
  async function expectNoWayBack(db: TestDatabase['db'], grant: Awaited<ReturnType<typeof taken>>) {
    const before = await readLease(db);
    expect(await renew(db, grant, 30)).toBe(false);
    expect(await holds(db, grant)).toBe(false);
    await release(db, grant);
    await markRecording(db, grant, { migration: 'a.ts', direction: 'up' }, 30);
    expect(await readLease(db)).toEqual(before);
  }

  onLease('is not taken back by renewing it after it ran out', async ({ db }) => {
    const grant = await taken(db, 1);
    await sleep(1_100);
    expect(await renew(db, grant, 30)).toBe(false);
    expect(await holds(db, grant)).toBe(false);
    expect(await isHeld(db)).toBe(false);
  });

  onLease('leaves the one that took it in peace', async ({ db }) => {
    const grant = await taken(db, 0);
    await taken(db);
    await expectNoWayBack(db, grant);
  });

  onLease('stays lost when it was cleared by force', async ({ db }) => {
    const grant = await taken(db);
    await clear(db, grant.token);
    await expectNoWayBack(db, grant);
  });

  onLease('is told by the next check that asks the primary, and by every one after it', async ({ db }) => {
    const lease = await takeLease(db, { purpose: 'a', seconds: 30, timeout: 0 });
    await lease.check();
    await clear(db, lease.grant.token);
    await sleep(answerCounts(30));
    for (let check = 0; check < 2; check++) expect((await rejection(lease.check())).code).toBe('LOCKED');
    await lease.release();
  });
});

describe.concurrent('A lease that is held', () => {
  onLease('outlives its expiry, since it is renewed', async ({ db }) => {
    const lease = await takeLease(db, { purpose: 'a', seconds: 2, timeout: 0 });
    await sleep(2_500);
    await lease.check();
    expect(await tryTake(db, 'b', 30)).toBeUndefined();
    await lease.release();
    expect(await isHeld(db)).toBe(false);
  });

  onLease('by a bare run that is done can be had once its row is there, and not before', async ({ db }) => {
    const lease = await takeLease(db, { purpose: 'up', seconds: 30, timeout: 0 });
    await lease.leaveRecording({ migration: 'a.ts', direction: 'up' });
    expect(await tryTake(db, 'b', 30)).toBeUndefined();
    await recordApplied(db, 'a.ts', 1);
    expect(await tryTake(db, 'b', 30)).toMatchObject({ token: 2 });
  });
});

describe('A check of the lease', () => {
  /** Long enough that an answer counts for longer than a test takes. */
  const seconds = 3_600;

  /** Runs `work` with a lease, and with the number of questions that its checks have asked so far. */
  async function withQuestions(work: (lease: Lease, questions: () => number) => Promise<void>): Promise<void> {
    await withDatabase(async ({ url, name }) => {
      let asked = 0;
      const proxy = await startProxy(url, ({ name: command, collection, body }) => {
        if (command === 'find' && collection === 'schema_lock' && JSON.stringify(body).includes('owner.id')) asked++;
        return undefined;
      });
      const client = await new MongoClient(proxy.url).connect();
      try {
        const lease = await takeLease(client.db(name), { purpose: 'a', seconds, timeout: 0 });
        await work(lease, () => asked);
        await lease.release();
      } finally {
        vi.useRealTimers();
        await client.close();
        await proxy.close();
      }
    });
  }

  it('asks the primary once for all checks within a three-hundredth of the lease', async () => {
    await withQuestions(async (lease, questions) => {
      for (let check = 0; check < 20; check++) await lease.check();
      await Promise.all(Array.from({ length: 20 }, () => lease.check()));
      expect(questions()).toBe(1);
    });
  });

  it.each([
    ['went on while the machine was asleep', answerCounts(seconds)],
    ['was set back', -answerCounts(seconds)],
  ])('asks again when the wall clock %s', async (_what, milliseconds) => {
    await withQuestions(async (lease, questions) => {
      await lease.check();
      vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + milliseconds });
      await lease.check();
      expect(questions()).toBe(2);
    });
  });
});
