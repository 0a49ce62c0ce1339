import { setTimeout as sleep } from 'node:timers/promises';
import { MongoClient, type ClientSession, type Db } from 'mongodb';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { useOwnServer } from '../support/own-server';
import { startDeploy } from '../support/running-command';
import { indexOn, makeSmallProject, type SmallProject } from '../support/small-project';
import { eventsOf, expectApplied, expectFree } from './expectations';
import { prepareUsers } from './hanging-build';

const server = useOwnServer();
const kinds = {
  'a collMod': `addValidator('users', { $jsonSchema: { bsonType: 'object' } })`,
  'an index build': `createIndexes('users', [${indexOn('email')}])`,
  'a drop of an index': `dropIndexes('users', [${indexOn('name')}])`,
};
const projects = new Map<string, SmallProject>();
beforeAll(async () => {
  for (const [kind, code] of Object.entries(kinds)) {
    const first = `createCollections('users'), createIndexes('users', [${indexOn('name')}])`;
    projects.set(kind, await makeSmallProject({ users: first, blocked: code }));
  }
});
afterAll(() => Promise.all([...projects.values()].map(({ copy }) => copy.remove())));

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

/** An application that writes to `users` over and over. Resolves to its slowest write, in milliseconds. */
async function writeUntil(db: Db, stop: AbortSignal): Promise<number> {
  const application = new MongoClient(server.server.url);
  const users = application.db(db.databaseName).collection('users');
  let slowest = 0;
  for (let count = 0; !stop.aborted; count++) {
    const started = performance.now();
    await users.insertOne({ email: `${count}@example.com` });
    slowest = Math.max(slowest, performance.now() - started);
    await sleep(20);
  }
  await application.close();
  return slowest;
}

const wait = 1_000;
const margin = 600;

describe.each(Object.keys(kinds))('An open transaction in the way of %s', (kind) => {
  const project = () => projects.get(kind) ?? expect.fail(`there is no project for ${kind}`);

  it('makes other writes wait no longer than --ddl-wait, and the deploy ends 0 once it is over', async () => {
    const { db, env } = server.freshDatabase();
    await prepareUsers(server, db, project());
    await block(db);
    const stop = new AbortController();
    const writing = writeUntil(db, stop.signal);
    const deploy = startDeploy(project(), env, ['--json', '--ddl-wait', String(wait / 1000)]);
    await expect.poll(() => eventsOf(db, deploy.pid), { timeout: 30_000, interval: 20 }).toHaveLength(1);
    await sleep(2 * wait);
    await transaction.abortTransaction();
    expect(await deploy.ended).toMatchObject({ exitCode: 0 });
    stop.abort();
    const slowest = await writing;
    // The writes did wait, or this would prove nothing.
    expect(slowest).toBeGreaterThan(wait / 2);
    expect(slowest).toBeLessThan(wait + margin);
    await expectApplied(db, project());
  });
});

describe('An open transaction that stays', () => {
  const project = () => projects.get('an index build') ?? expect.fail('there is no such project');

  it.each(['0.1', '0'])('ends the deploy with 1 and says how to find it (--ddl-wait %s)', async (seconds) => {
    const { db, env } = server.freshDatabase();
    await prepareUsers(server, db, project());
    await block(db);
    const { exitCode, stderr } = await startDeploy(project(), env, ['--ddl-wait', seconds]).ended;
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/waited 5 times \d+ ms for a lock.*long transaction.*db\.currentOp\(.*run again/);
    await transaction.abortTransaction();
    await expectFree(db);
    expect(await startDeploy(project(), env).ended).toMatchObject({ exitCode: 0 });
    await expectApplied(db, project());
  });
});
