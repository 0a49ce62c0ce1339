import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { deploy, rollback, status, unlock, type RunEvent } from '../../src/deploy';
import { readLease } from '../../src/history';
import { drift } from '../../src/review';
import { isSetAside } from '../../src/schema';
import { useDatabase } from '../support/database';
import { closedGate } from '../support/gate';
import { letLeaseRunOut } from '../support/lease';
import { startProxy, type SentCommand } from '../support/proxy';
import { indexOn, makeSmallProject, type SmallProject } from '../support/small-project';

const database = useDatabase();
let project: SmallProject;
beforeAll(async () => {
  project = await makeSmallProject({
    others: `createCollections('projects')`,
    users: `createCollections('users'), createIndexes('users', [${indexOn('email')}])`,
  });
});
afterAll(() => project.remove());

const options = () => ({ url: database.url, database: database.name, folder: project.folder, commit: 'a test' });
const users = () => database.db.collection('users');
const names = async () =>
  (await database.db.listCollections({}, { nameOnly: true }).toArray()).map(({ name }) => name).sort();
const fill = () => users().insertMany([{ email: 'a' }, { email: 'b' }, { email: 'c' }]);

/** Whether a command is the first `collMod users`. */
function command(wanted: string) {
  let isSeen = false;
  return ({ name, collection }: SentCommand) => {
    const isTheOne = !isSeen && `${name} ${collection}` === wanted;
    isSeen ||= isTheOne;
    return isTheOne;
  };
}

/** Starts a run, and waits until a command of it is on its way to the server, where it does not arrive before `letGo`. */
async function startHeld<T>(isTheOne: (command: SentCommand) => boolean, start: (url: string) => Promise<T>) {
  const [sent, gate] = [closedGate(), closedGate()];
  const proxy = await startProxy(database.url, async (one) => {
    if (!isTheOne(one)) return undefined;
    sent.open();
    await gate.opened;
    return undefined;
  });
  onTestFinished(() => proxy.close());
  onTestFinished(gate.open);
  const ended = start(proxy.url).then(
    () => undefined,
    (error: unknown) => error as Error & { code?: unknown },
  );
  await sent.opened;
  return { ended, letGo: gate.open };
}

const startRollback = (wanted: string) =>
  startHeld(command(wanted), (url) => rollback({ ...options(), url, steps: 1 }));

const deployAgain = (url = database.url) => deploy({ ...options(), url, resume: true });

beforeEach(async () => {
  await database.db.dropDatabase();
  await deploy(options());
});

describe('A command of a rollback that lost its lease, and arrives when the next run has adopted and an application filled the collection,', () => {
  async function arrivesLate(wanted: string) {
    const first = await startRollback(wanted);
    await letLeaseRunOut(database.db);
    await deployAgain();
    await fill();
    first.letGo();
    expect(await first.ended).toMatchObject({ code: 'LOCKED' });
  }

  it('does nothing when it drops', async () => {
    await arrivesLate('drop dropped_users');
    expect(await users().countDocuments()).toBe(3);
    expect((await drift(options())).findings).toEqual([]);
    expect((await status(options())).unfinishedDrops).toEqual([]);
  });

  it('loses no document when it renames: status, drift and deploy name what brings the collection back', async () => {
    await arrivesLate('renameCollection users');
    expect(await names()).toContain('dropped_users');
    expect(await database.db.collection('dropped_users').countDocuments()).toBe(3);
    const command = 'db.getCollection("dropped_users").renameCollection("users")';
    expect((await status(options())).unfinishedDrops).toEqual([
      { collection: 'dropped_users', state: 'set aside', commands: [command] },
    ]);
    expect((await drift(options())).findings).toMatchObject([{ kind: 'collection set aside', commands: [command] }]);
    const told: string[] = [];
    const onEvent = (event: RunEvent) => event.type === 'warning' && told.push(event.message);
    expect((await deploy({ ...options(), onEvent })).drift).toContain('collection users');
    expect(told).toContain(`the collection users was renamed to dropped_users. To restore it, in mongosh: ${command}`);
    // Nothing tells how it came there, so a run that needs it does not guess.
    await expect(rollback({ ...options(), steps: 1 })).rejects.toMatchObject({
      code: 'CONFLICT',
      fix: expect.stringContaining(command) as string,
    });
    await database.db.collection('dropped_users').rename('users');
    expect((await drift(options())).findings).toEqual([]);
  });

  it('loses no document when it closes: status and drift name what opens the collection again', async () => {
    await arrivesLate('collMod users');
    await expect(users().insertOne({})).rejects.toMatchObject({ code: 121 });
    expect(await users().countDocuments()).toBe(3);
    const { unfinishedDrops } = await status(options());
    expect(unfinishedDrops).toMatchObject([{ collection: 'users', state: 'closed' }]);
    expect((await drift(options())).findings).toMatchObject([
      { kind: 'collection closed', commands: unfinishedDrops[0]?.commands },
    ]);
    await expect(rollback({ ...options(), steps: 1 })).rejects.toMatchObject({ code: 'DATA_LOSS' });
    await users().insertOne({});
  });

  it('does nothing when the collection was made anew: each command names its UUID', async () => {
    const first = await startRollback('collMod users');
    await letLeaseRunOut(database.db);
    await users().drop();
    await deployAgain();
    await fill();
    first.letGo();
    expect(await first.ended).toMatchObject({ code: 'LOCKED' });
    await users().insertOne({});
    expect((await drift(options())).findings).toEqual([]);
  });
});

describe('While a run is at work that took the lease from a dead one', () => {
  /** Lets a late command arrive right before the next run records that it is done. */
  async function arrivesMeanwhile(wanted: string) {
    const first = await startRollback(wanted);
    await letLeaseRunOut(database.db);
    const second = await startHeld(command('update changelog'), deployAgain);
    await fill();
    const during = await names();
    first.letGo();
    expect(await first.ended).toMatchObject({ code: 'LOCKED' });
    second.letGo();
    expect(await second.ended).toBeUndefined();
    return during;
  }

  it('a late rename fails, since the name is taken', async () => {
    expect(await arrivesMeanwhile('renameCollection users')).toEqual(
      expect.arrayContaining(['dropped_projects', 'dropped_users']),
    );
    expect(await users().countDocuments()).toBe(3);
    expect((await names()).filter(isSetAside)).toEqual([]);
    expect(await readLease(database.db)).not.toHaveProperty('unsettled');
  });

  it('a collection that a late command closes is open again when the run ends', async () => {
    await arrivesMeanwhile('collMod users');
    await users().insertOne({});
    expect((await status(options())).unfinishedDrops).toEqual([]);
  });

  it('that took it after it was cleared by force, the same holds', async () => {
    const first = await startRollback('renameCollection users');
    await unlock({ ...options(), force: true });
    const second = await startHeld(command('update changelog'), deployAgain);
    expect(await names()).toContain('dropped_users');
    first.letGo();
    await first.ended;
    second.letGo();
    expect(await second.ended).toBeUndefined();
    expect((await names()).filter(isSetAside)).toEqual([]);
  });

  it('it drops what its migrations drop nevertheless, and a late rename finds nothing', async () => {
    const first = await startRollback('renameCollection users');
    await letLeaseRunOut(database.db);
    await rollback({ ...options(), steps: 1 });
    first.letGo();
    expect(await first.ended).toMatchObject({ code: 'LOCKED' });
    expect(await names()).not.toContain('users');
    expect((await names()).filter(isSetAside)).toEqual([]);
  });
});

describe('Whoever takes the lease from a dead run and is refused', () => {
  it('leaves it to the next run to guard against late commands', async () => {
    const first = await startRollback('renameCollection users');
    await letLeaseRunOut(database.db);
    await expect(deploy(options())).rejects.toMatchObject({ code: 'HISTORY' });
    expect(await readLease(database.db)).toMatchObject({ unsettled: true });
    const second = await startHeld(command('update changelog'), deployAgain);
    first.letGo();
    await first.ended;
    second.letGo();
    expect(await second.ended).toBeUndefined();
    expect(await names()).toContain('users');
    expect((await names()).filter(isSetAside)).toEqual([]);
  });

  it('and a run that was killed leaves the names to the next one, which frees them', async () => {
    const first = await startRollback('renameCollection users');
    await letLeaseRunOut(database.db);
    const second = await startHeld(command('update changelog'), deployAgain);
    expect((await drift(options())).findings.map(({ kind, severity }) => `${severity}: ${kind}`)).toEqual([
      'notice: name kept taken',
      'notice: name kept taken',
    ]);
    await letLeaseRunOut(database.db);
    await deployAgain();
    expect((await names()).filter(isSetAside)).toEqual([]);
    for (const one of [first, second]) {
      one.letGo();
      await one.ended;
    }
  });
});

describe('A run whose predecessor released the lease', () => {
  it('takes no names', async () => {
    const second = await startRollback('delete changelog');
    expect((await names()).filter(isSetAside)).toEqual([]);
    second.letGo();
    expect(await second.ended).toBeUndefined();
  });
});

describe('A run that is told to stop while it drops a collection', () => {
  it.each(['collMod users', 'renameCollection users', 'drop dropped_users'])(
    'ends the drop first, when it was at %s',
    async (wanted) => {
      const controller = new AbortController();
      const { signal } = controller;
      const first = await startHeld(command(wanted), (url) => rollback({ ...options(), url, signal, steps: 1 }));
      controller.abort();
      first.letGo();
      await first.ended;
      expect((await names()).filter((name) => name === 'users' || isSetAside(name))).toEqual([]);
    },
  );
});
