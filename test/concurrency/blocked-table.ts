import { setTimeout as sleep } from 'node:timers/promises';
import { MongoClient, type ClientSession, type Db } from 'mongodb';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { OwnServer } from '../support/own-server';
import type { StartDeploy } from '../support/running-command';
import { indexOn, makeSmallProject, type SmallProject } from '../support/small-project';
import { expectApplied, expectFree } from './expectations';
import { prepareUsers } from './hanging-build';

const kinds = {
  'a collMod': `addValidator('users', { $jsonSchema: { bsonType: 'object' } })`,
  'an index build': `createIndexes('users', [${indexOn('email')}])`,
  'a drop of an index': `dropIndexes('users', [${indexOn('name')}])`,
};

interface Extent {
  readonly start: StartDeploy;
  /** The --ddl-wait of deploys that wait until the transaction is over, in seconds. */
  readonly wait: number;
  /** The --ddl-wait of deploys that give up. */
  readonly givingUpAfter: readonly string[];
}

/** By how much a write may take longer than --ddl-wait, in milliseconds. */
const margin = 600;

/** To be called in a file. */
export function testBlockedTable(server: OwnServer, { start, wait, givingUpAfter }: Extent): void {
  const projects = new Map<string, SmallProject>();
  beforeAll(async () => {
    for (const [kind, code] of Object.entries(kinds)) {
      const first = `createCollections('users'), createIndexes('users', [${indexOn('name')}])`;
      projects.set(kind, await makeSmallProject({ users: first, blocked: code }));
    }
  });
  afterAll(() => Promise.all([...projects.values()].map((project) => project.remove())));

  let transaction: ClientSession;
  beforeEach(() => {
    transaction = server.client.startSession();
  });
  afterEach(() => transaction.endSession());

  /** Opens a transaction that has written to `users`, and leaves it open. */
  async function block(db: Db): Promise<void> {
    transaction.startTransaction();
    await db.collection('users').updateOne({}, { $set: { name: 'Ann' } }, { session: transaction });
  }

  describe.each(Object.keys(kinds))('An open transaction in the way of %s', (kind) => {
    const project = () => projects.get(kind) ?? expect.fail(`there is no project for ${kind}`);

    it('makes other writes wait no longer than --ddl-wait, and the deploy ends 0 once it is over', async () => {
      const { db, env } = server.freshDatabase();
      await prepareUsers(server, db, project());
      await block(db);
      const application = await startApplication(server.server.url, db.databaseName);
      const deploy = start(project(), env, ['--json', '--ddl-wait', String(wait)]);
      // A write did wait, or this would prove nothing; and it went on while the transaction was open.
      await expect.poll(application.slowest, { timeout: 30_000, interval: 20 }).toBeGreaterThan((wait * 1000) / 2);
      await transaction.abortTransaction();
      expect(await deploy.ended).toMatchObject({ exitCode: 0 });
      await application.stop();
      expect(application.slowest()).toBeLessThan(wait * 1000 + margin);
      await expectApplied(db, project());
    });
  });

  describe('An open transaction that stays', () => {
    const project = () => projects.get('an index build') ?? expect.fail('there is no such project');

    it.each(givingUpAfter)('ends the deploy with 1 and says how to find it (--ddl-wait %s)', async (seconds) => {
      const { db, env } = server.freshDatabase();
      await prepareUsers(server, db, project());
      await block(db);
      const { exitCode, stderr } = await start(project(), env, ['--ddl-wait', seconds]).ended;
      expect(exitCode).toBe(1);
      expect(stderr).toMatch(
        /waited 5 times \d+ ms for a lock.*\n {2}fix {4}.*long transaction.*db\.currentOp\(.*run again/,
      );
      await transaction.abortTransaction();
      await expectFree(db);
      expect(await start(project(), env).ended).toMatchObject({ exitCode: 0 });
      await expectApplied(db, project());
    });
  });
}

/** An application that writes to `users` over and over. */
async function startApplication(url: string, database: string) {
  const client = new MongoClient(url);
  const users = client.db(database).collection('users');
  const write = (count: number) => users.insertOne({ email: `${count}@example.com` });
  // The first write opens the connection.
  await write(0);
  let slowest = 0;
  const stop = new AbortController();
  const writing = (async () => {
    for (let count = 1; !stop.signal.aborted; count++) {
      const started = performance.now();
      await write(count);
      slowest = Math.max(slowest, performance.now() - started);
      await sleep(20);
    }
    await client.close();
  })();
  return {
    /** How long its slowest write took, in milliseconds. */
    slowest: () => slowest,
    stop: () => {
      stop.abort();
      return writing;
    },
  };
}
