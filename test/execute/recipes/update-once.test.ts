import { MongoClient } from 'mongodb';
import { beforeEach, describe, expect, it } from 'vitest';
import { backfill, irreversible, type BackfillDefinition } from '../../../src/migration';
import { useDatabase } from '../../support/database';
import { errorWith } from '../../support/error-with';
import { startProxy, type Treatment } from '../../support/proxy';
import { outcomeOf, runSteps } from '../../support/run-steps';

const database = useDatabase();
const accounts = () => database.db.collection<{ _id: number; cents: number; others?: number }>('accounts');
const checkpoints = () => database.db.collection('schema_checkpoints');
const size = 100;

beforeEach(async () => {
  await database.db.dropDatabase();
  await accounts().insertMany(Array.from({ length: size }, (_, at) => ({ _id: at, cents: 1 })));
});

const definition: BackfillDefinition = {
  filter: {},
  update: { $inc: { cents: 1 } },
  undo: { filter: {}, update: { $inc: { cents: -1 } } },
  once: true,
  batchSize: 10,
};
const step = backfill('accounts', definition);

/** How many accounts hold how many cents: `{ 2: 100 }`. */
async function byCents(): Promise<Record<string, number>> {
  const groups = await accounts()
    .aggregate<{ _id: number; count: number }>([{ $group: { _id: '$cents', count: { $sum: 1 } } }])
    .toArray();
  return Object.fromEntries(groups.map(({ _id, count }) => [_id, count]));
}

/** Stops a run when it has asked so often whether it may write. */
function stoppedAfter(times: number) {
  let asked = 0;
  return { guard: () => (++asked > times ? Promise.reject(new Error('stopped')) : Promise.resolve()) };
}

async function runStopped(times: number, direction: 'up' | 'down' = 'up'): Promise<void> {
  await expect(runSteps(database.db, [step], direction, stoppedAfter(times))).rejects.toThrow('stopped');
}

describe('An update that runs once', () => {
  it('comes to each document, and tells how many', async () => {
    expect((await outcomeOf(database.db, [step])).data).toMatchObject([{ matched: size, updated: size }]);
    expect(await byCents()).toEqual({ 2: size });
  });

  it('is not made again', async () => {
    await runSteps(database.db, [step]);
    await runSteps(database.db, [step]);
    expect(await byCents()).toEqual({ 2: size });
  });

  it('leaves to the application what comes in behind its upper bound', async () => {
    await outcomeOf(database.db, [step], 'up', {
      guard: async () => {
        await accounts().updateOne({ _id: 1_000 }, { $setOnInsert: { cents: 2 } }, { upsert: true });
      },
    });
    // It was there when the run began, so the first look takes it in; the one below was not.
    expect(await byCents()).toMatchObject({ 2: size });
    await accounts().insertOne({ _id: 2_000, cents: 2 });
    await runSteps(database.db, [step]);
    expect(await accounts().findOne({ _id: 2_000 })).toMatchObject({ cents: 2 });
  });

  it('has nothing to do in an empty collection, and nothing later', async () => {
    await accounts().deleteMany({});
    await runSteps(database.db, [step]);
    await accounts().insertOne({ _id: 1, cents: 2 });
    await runSteps(database.db, [step]);
    expect(await byCents()).toEqual({ 2: 1 });
  });

  it('goes on where it was stopped, at whichever write that was', async () => {
    // Each run gets a little further.
    let stops = 0;
    for (let times = 1; ; times++) {
      const ended = await runSteps(database.db, [step], 'up', stoppedAfter(times)).then(
        () => true,
        () => false,
      );
      if (ended) break;
      stops++;
    }
    expect(stops).toBeGreaterThan(4);
    expect(await byCents()).toEqual({ 2: size });
  });

  it('is undone once, and can then be made again', async () => {
    await runSteps(database.db, [step]);
    await runSteps(database.db, [step], 'down');
    await runSteps(database.db, [step], 'down');
    expect(await byCents()).toEqual({ 1: size });
    await runSteps(database.db, [step]);
    expect(await byCents()).toEqual({ 2: size });
    await runSteps(database.db, [step], 'down');
    expect(await byCents()).toEqual({ 1: size });
  });

  it('is undone as far as it came', async () => {
    await runStopped(12);
    const updated = await accounts().countDocuments({ cents: 2 });
    expect(updated).toBeGreaterThan(0);
    expect(updated).toBeLessThan(size);
    await runSteps(database.db, [step], 'down');
    expect(await byCents()).toEqual({ 1: size });
    await runSteps(database.db, [step]);
    expect(await byCents()).toEqual({ 2: size });
  });

  it('is not begun while it is half undone', async () => {
    await runSteps(database.db, [step]);
    await runStopped(12, 'down');
    await expect(runSteps(database.db, [step])).rejects.toThrow(
      errorWith({ code: 'CONFLICT', summary: 'is half undone', fix: 'finish the rollback' }),
    );
    await runSteps(database.db, [step], 'down');
    expect(await byCents()).toEqual({ 1: size });
  });

  it('is not gone on with by another text', async () => {
    await runStopped(12);
    const before = await byCents();
    const other = backfill('accounts', { ...definition, update: { $inc: { cents: 5 } } });
    await expect(runSteps(database.db, [other])).rejects.toThrow(
      errorWith({ code: 'CONFLICT', summary: 'was edited after it began' }),
    );
    expect(await byCents()).toEqual(before);
  });

  it('is given up by a run that another one has taken over from', async () => {
    const late = runSteps(database.db, [step], 'up', {
      token: 1,
      guard: async () => {
        if ((await checkpoints().countDocuments({ token: 1, done: { $gte: 30 } })) === 0) return;
        await runSteps(database.db, [step], 'up', { token: 2 });
      },
    });
    await expect(late).rejects.toThrow(errorWith({ code: 'LOCKED' }));
    expect(await byCents()).toEqual({ 2: size });
  });

  it('ends the transaction that a dead run has left open', async () => {
    await runStopped(12);
    const position = await checkpoints().findOne({});
    const dead = database.db.client.startSession();
    try {
      dead.startTransaction();
      const last = position?.['last'] as number;
      await accounts().updateOne({ _id: last + 1 }, { $inc: { cents: 1 } }, { session: dead });
      await checkpoints().updateOne({}, { $set: { session: dead.id?.['id'] } });
      await runSteps(database.db, [step]);
      expect(await byCents()).toEqual({ 2: size });
    } finally {
      await dead.endSession();
    }
  });

  it('gets on beside an application that writes to the same documents', async () => {
    let isRunning = true as boolean;
    const application = (async () => {
      for (let at = 0; isRunning; at = (at + 7) % size)
        await accounts().updateOne({ _id: at }, { $inc: { others: 1 } });
    })();
    await runSteps(database.db, [step]).finally(() => {
      isRunning = false;
    });
    await application;
    expect(await byCents()).toEqual({ 2: size });
  });

  const losses: readonly [string, Treatment][] = [
    ['before the server gets it', { cut: 'before' }],
    ['before its reply comes back', { cut: 'reply' }],
  ];
  it.each(losses)('survives the loss of any command, %s', async (_what, treatment) => {
    let [sent, lost] = [0, Number.POSITIVE_INFINITY];
    const proxy = await startProxy(database.url, ({ name }) => {
      if (!['update', 'insert', 'commitTransaction', 'find', 'killSessions'].includes(name)) return undefined;
      return ++sent === lost ? treatment : undefined;
    });
    const client = new MongoClient(proxy.url, { retryWrites: false, retryReads: false });
    try {
      const small = backfill('accounts', { ...definition, batchSize: 40 });
      for (const at of [3, 7]) {
        [sent, lost] = [0, at];
        const db = client.db(database.name);
        await runSteps(db, [small]).catch(() => undefined);
        lost = Number.POSITIVE_INFINITY;
        await runSteps(db, [small]);
        expect(await byCents(), `command ${at}`).toEqual({ 2: size });
        await runSteps(db, [small], 'down');
      }
    } finally {
      await client.close();
      await proxy.close();
    }
  });

  it('takes an `undo` that says why there is none', async () => {
    const oneWay = backfill('accounts', { ...definition, undo: irreversible('cents have moved on') });
    await runSteps(database.db, [oneWay]);
    await expect(runSteps(database.db, [oneWay], 'down')).rejects.toThrow(errorWith({ code: 'IRREVERSIBLE' }));
  });
});
