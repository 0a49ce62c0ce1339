import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { Db } from 'mongodb';
import { deploy, rollback, type RunEvent, type RunOptions } from '../../src/deploy';
import { isHeld, readEvents } from '../../src/history';
import { withDatabase } from '../support/database';
import { openFreezingForwarder } from '../support/freezing-forwarder';
import { letLeaseRunOut } from '../support/lease';
import type { Treatment } from '../support/proxy';
import { indexOn, makeSmallProject, type SmallProject } from '../support/small-project';
import { expectApplied, expectFree } from './expectations';
import { meeting } from './meeting';

type Lost = 'command' | 'reply';

interface Extent {
  /** The commands of which one gets no answer, `insert schema_history`, and what of it is lost. */
  readonly commands: readonly (readonly [kind: string, lost: Lost])[];
  /** How long the lease is when the server answers nothing any more, in seconds. */
  readonly leases: readonly number[];
}

/** To be called in a file. */
export function testUnanswered({ commands, leases }: Extent): void {
  const { url } = inject('mongodb');
  let project: SmallProject;
  beforeAll(async () => {
    project = await makeSmallProject({
      collections: `createCollections('users', 'projects')`,
      emails: `createIndexes('users', [${indexOn('email')}])`,
      names: `backfill('users', { filter: { name: null }, update: { $set: { name: 'Ann' } }, batchSize: 2 })`,
    });
  });
  afterAll(() => project.remove());

  const optionsFor = ({ databaseName: database }: Db, to = url) => ({
    url: to,
    database,
    folder: project.folder,
    // The database holds documents before the first migration.
    adopt: true,
  });

  async function fill(db: Db): Promise<void> {
    await db.collection('users').insertMany([1, 2, 3, 4, 5].map((number) => ({ email: `${number}@example.com` })));
  }

  describe.concurrent('A command of the bookkeeping that is never answered', () => {
    it.each(commands)('is asked again, and the run ends well: %s, its %s is lost', { timeout: 60_000 }, (kind, lost) =>
      withDatabase(async ({ db }) => {
        await fill(db);
        const events: RunEvent[] = [];
        const onEvent = (event: RunEvent) => events.push(event);
        const run = (through: string) => deploy({ ...optionsFor(db, through), leaseSeconds: 6, onEvent });
        const goingBack = kind === 'delete changelog';
        const met = await meeting(url, kind, { swallow: lost }, async (through) => {
          await run(goingBack ? url : through);
          if (goingBack) await rollback({ ...optionsFor(db, through), leaseSeconds: 6, steps: 1 });
        });
        expect(met).toBe(true);
        expect(events.map(({ type }) => type)).not.toContain('waiting');
        const stored = await readEvents(db);
        expect(stored.map(({ token }) => token)).toEqual(goingBack ? [1, 1, 1, 1, 1, 1, 2, 2] : [1, 1, 1, 1, 1, 1]);
        expect(stored.slice(0, 6).map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5, 6]);
        if (goingBack) {
          expect(await db.collection('changelog').countDocuments()).toBe(2);
          await expectFree(db);
        } else await expectApplied(db, project);
      }),
    );
  });

  describe('A deploy that is told to give up while a write gets no answer', () => {
    it.each(['update users', 'createIndexes users', 'insert schema_history'])(
      'ends at once, keeps its lease, and says until when, and what may go on: %s',
      async (kind) => {
        await withDatabase(async ({ db }) => {
          await fill(db);
          const abandon = new AbortController();
          let error: unknown;
          let abandonedAt = 0;
          const treatment: Treatment = {
            swallow: 'reply',
            onReply: () => {
              abandonedAt = performance.now();
              abandon.abort();
            },
          };
          await meeting(url, kind, treatment, (through) =>
            deploy({ ...optionsFor(db, through), abandon: abandon.signal }).catch(
              (thrown: unknown) => (error = thrown),
            ),
          );
          expect(performance.now() - abandonedAt).toBeLessThan(10_000);
          expect(error).toMatchObject({ code: 'ABORTED', fix: expect.stringContaining('run again after') as string });
          const [name, collection] = kind.split(' ');
          expect(String(error)).toContain(`the server had not answered ${name} of ${collection}`);
          expect(String(error)).toMatch(/the lease is not released, .*: it expires at \d{4}-/);
          expect(await isHeld(db)).toBe(true);
          await letLeaseRunOut(db);
          await deploy(optionsFor(db));
          await expectApplied(db, project);
        });
      },
    );
  });

  describe('A server that answers nothing any more, while every connection stays', () => {
    /** Deploys, and lets the server fall silent when an event of a type comes. */
    async function deployFreezing(db: Db, options: Partial<RunOptions>, isTime: (event: RunEvent) => boolean) {
      const forwarder = await openFreezingForwarder(url);
      let frozenAt = 0;
      const onEvent = (event: RunEvent) => {
        if (frozenAt !== 0 || !isTime(event)) return;
        frozenAt = performance.now();
        forwarder.freeze();
      };
      const error = await deploy({ ...optionsFor(db, forwarder.url), ...options, onEvent }).then(
        () => expect.fail('it came to its end'),
        (error: unknown) => error as Error & { code?: unknown },
      );
      return { error, lasted: performance.now() - frozenAt };
    }

    it.each(leases)('ends a deploy with LOCKED soon after its lease of %i s has run out', async (leaseSeconds) => {
      await withDatabase(async ({ db }) => {
        await fill(db);
        const isTime = ({ type }: RunEvent) => type === 'migration';
        const { error, lasted } = await deployFreezing(db, { leaseSeconds }, isTime);
        expect(error).toMatchObject({ code: 'LOCKED' });
        expect(lasted).toBeLessThan(leaseSeconds * 1000 + 10_000);
        expect(await isHeld(db)).toBe(false);
        await deploy(optionsFor(db));
        await expectApplied(db, project);
      });
    });

    it('from the beginning ends it too, and says that no answer comes', async () => {
      await withDatabase(async ({ db }) => {
        const forwarder = await openFreezingForwarder(url);
        forwarder.freeze();
        const asked = `${forwarder.url}&serverSelectionTimeoutMS=500`;
        await expect(deploy(optionsFor(db, asked))).rejects.toMatchObject({ code: 'NO_ANSWER' });
      });
    });

    it('right after it was reached ends it before it has the lease', async () => {
      await withDatabase(async ({ db }) => {
        const forwarder = await openFreezingForwarder(url);
        const abandon = new AbortController();
        const onConnect = () => {
          forwarder.freeze();
          abandon.abort();
        };
        const run = deploy({ ...optionsFor(db, forwarder.url), onConnect, abandon: abandon.signal, leaseSeconds: 2 });
        await expect(run).rejects.toMatchObject({ code: 'ABORTED' });
      });
    });
  });
}
