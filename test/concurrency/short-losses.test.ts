import { setTimeout as sleep } from 'node:timers/promises';
import type { Db } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deploy } from '../../src/deploy';
import { takeLease } from '../../src/history';
import { useOwnServer } from '../support/own-server';
import { indexOn, makeSmallProject, type SmallProject } from '../support/small-project';
import { expectApplied } from './expectations';

const server = useOwnServer();
let project: SmallProject;
beforeAll(async () => {
  project = await makeSmallProject({
    collections: `createCollections('users', 'projects')`,
    emails: `createIndexes('users', [${indexOn('email')}])`,
  });
});
afterAll(() => project.copy.remove());

const start = (db: Db) =>
  deploy({ url: server.server.url, database: db.databaseName, folder: project.folder, leaseSeconds: 10 });

/**
 * Lets a command of the runs fail as in a failover, for as many as are sent side by side: once for the driver, which
 * tries again by itself, and once more.
 */
function failTwice(db: Db, command: string, { collection = '', sideBySide = 1 } = {}): Promise<void> {
  const namespace = collection !== '' && { namespace: `${db.databaseName}.${collection}` };
  const data = { failCommands: [command], errorCode: 11602, appName: 'sentimatrix-schema', ...namespace };
  return server.failPoint('failCommand', data, { times: 2 * sideBySide });
}

describe('A deploy that cannot read for a moment', () => {
  it.each(['changelog', 'schema_history', 'schema_lock'])('tries again, and ends well: %s', async (collection) => {
    const { db } = server.freshDatabase();
    await failTwice(db, 'find', { collection });
    expect((await start(db)).applied).toHaveLength(project.names.length);
    await expectApplied(db, project);
  });

  it.each(['listCollections', 'listIndexes'])('tries again, and ends well: %s', async (command) => {
    const { db } = server.freshDatabase();
    await failTwice(db, command, { sideBySide: command === 'listIndexes' ? 2 : 1 });
    expect((await start(db)).applied).toHaveLength(project.names.length);
    await expectApplied(db, project);
  });

  it('as it compares the database with its migrations does not fail for that', async () => {
    const { db } = server.freshDatabase();
    await start(db);
    await failTwice(db, 'listIndexes', { sideBySide: 2 });
    expect((await start(db)).applied).toEqual([]);
  });

  it('as it waits for the lease goes on waiting', async () => {
    const { db } = server.freshDatabase();
    const lease = await takeLease(db, { purpose: 'a test', seconds: 30, timeout: 0 });
    await failTwice(db, 'find', { collection: 'schema_lock' });
    const run = start(db);
    await sleep(1_500);
    await lease.check();
    await lease.release();
    expect((await run).applied).toHaveLength(project.names.length);
    await expectApplied(db, project);
  });
});
