import { clientOptions } from '../../src/database/client';
import type { Db } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deploy, type RunEvent } from '../../src/deploy';
import { takeLease } from '../../src/history';
import type { OwnServer } from '../support/own-server';
import { indexOn, makeSmallProject, type SmallProject } from '../support/small-project';
import { expectApplied } from './expectations';

interface Extent {
  /** What cannot be read: a collection, or a command that reads no collection of the tool's own. */
  readonly reads: readonly string[];
  /** What the server answers meanwhile. */
  readonly codes: readonly number[];
  /** How often the run tries again. */
  readonly losses: number;
}

/** To be called in a file. */
export function testShortLosses(server: OwnServer, { reads, codes, losses }: Extent): void {
  let project: SmallProject;
  beforeAll(async () => {
    project = await makeSmallProject({
      collections: `createCollections('users', 'projects')`,
      emails: `createIndexes('users', [${indexOn('email')}])`,
    });
  });
  afterAll(() => project.remove());

  const start = (db: Db, onEvent?: (event: RunEvent) => void) => {
    const target = { url: server.server.url, database: db.databaseName, folder: project.folder };
    return deploy({ ...target, leaseSeconds: 10, ...(onEvent && { onEvent }) });
  };

  /** Lets a read of the runs fail as in a failover. Resolves to what waits until it has failed as often as it was to. */
  async function failFor(db: Db, read: string, errorCode = 11602): Promise<() => Promise<void>> {
    const ofCollection = !read.startsWith('list');
    const failCommands = [ofCollection ? 'find' : read];
    const namespace = ofCollection && { namespace: `${db.databaseName}.${read}` };
    // A driver tries each one again by itself; and the indexes of two collections are read side by side.
    const times = 2 * losses * (read === 'listIndexes' ? 2 : 1);
    await server.failPoint('failCommand', { failCommands, errorCode, appName, ...namespace }, { times });
    return () => server.failPointMet('failCommand', times);
  }

  describe('A deploy that cannot read for a moment', () => {
    const cases = reads.flatMap((read) => codes.map((code): [string, number] => [read, code]));

    it.each(cases)('tries again, and ends well: %s, error %i', async (read, code) => {
      const { db } = server.freshDatabase();
      const failed = await failFor(db, read, code);
      expect((await start(db)).applied).toHaveLength(project.names.length);
      await failed();
      await expectApplied(db, project);
    });

    it('as it compares the database with its migrations does not fail for that', async () => {
      const { db } = server.freshDatabase();
      await start(db);
      const failed = await failFor(db, 'listIndexes');
      expect((await start(db)).applied).toEqual([]);
      await failed();
    });

    it('as it waits for the lease goes on waiting', async () => {
      const { db } = server.freshDatabase();
      const lease = await takeLease(db, { purpose: 'a test', seconds: 30, timeout: 0 });
      const failed = await failFor(db, 'schema_lock');
      const events: RunEvent[] = [];
      const run = start(db, (event) => events.push(event));
      await failed();
      await expect.poll(() => events).toContainEqual(expect.objectContaining({ type: 'waiting' }));
      await lease.check();
      await lease.release();
      expect((await run).applied).toHaveLength(project.names.length);
      await expectApplied(db, project);
    });
  });
}

const { appName } = clientOptions;
