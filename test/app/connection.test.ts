import { createRequire } from 'node:module';
import { afterEach, describe, expect, inject, it } from 'vitest';
import type * as Connection from '../../src';
import { close, connect, db } from '../../src';
import { clientOptionsFor } from '../../src/app/options';
import { uniqueName } from '../support/database';
import { openForwarder, urlWith } from '../support/forwarder';
import { freePort } from '../support/free-port';
import { MongoUrl } from '../../src/support/mongo-url';

const { url } = inject('mongodb');
const database = uniqueName();
afterEach(() => close({ patience: 0 }));

describe('connect', () => {
  it('gives callers at the same time, and later ones, the same client, and db() its database', async () => {
    const [first, second] = await Promise.all([connect({ url, database }), connect({ url, database })]);
    const third = await connect();
    expect(second).toBe(first);
    expect(third).toBe(first);
    expect(db()).toBe(first);
    expect(first.databaseName).toBe(database);
    expect(await first.command({ ping: 1 })).toMatchObject({ ok: 1 });
  });

  it('shares it with another copy of the module in the same process', async () => {
    const copy = createRequire(__filename)('../../src') as typeof Connection;
    expect(copy.connect).not.toBe(connect);
    const first = await connect({ url, database });
    expect(await copy.connect({ url, database })).toBe(first);
    await copy.close();
    expect(() => db()).toThrow(expect.objectContaining({ code: 'NOT_CONNECTED' }));
  });

  it('refuses to connect elsewhere meanwhile, and leaves the connection alone', async () => {
    const first = await connect({ url, database });
    const problem = expect.objectContaining({ code: 'CONNECTED_ELSEWHERE' }) as Error;
    await expect(connect({ url, database: `${database}_2` })).rejects.toThrow(problem);
    expect(db()).toBe(first);
  });

  it('may be called again after an error: everyone who waited got that error, and the next one connects', async () => {
    const port = await freePort();
    const options = { url: urlWith({ serverSelectionTimeoutMS: '300' }, `127.0.0.1:${port}`), database };
    const outcomes = await Promise.allSettled([connect(options), connect(options)]);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(() => db()).toThrow(/no connection/);
    await openForwarder(port);
    expect(await (await connect(options)).command({ ping: 1 })).toMatchObject({ ok: 1 });
  });

  it.each([
    ['no connection string', undefined, /MONGODB_URL is not set/],
    ['a string that is none', 'localhost:27017', /is not a connection string/],
    ['an option that does not exist', 'mongodb://user:secret@localhost/?nonsense=1', /nonsense/],
    ['timeoutMS', 'mongodb://user:secret@localhost/?timeoutms=1000', /remove timeoutMS; limit single operations/],
    ['an option with a wrong value', 'mongodb://user:secret@localhost/?socketTimeoutMS=soon', /driver refuses/],
    ['a read preference that does not exist', 'mongodb://user:secret@localhost/?readPreference=any', /driver refuses/],
  ])('refuses %s as wrong usage, and shows no password', async (_, wrong, message) => {
    const connecting = connect({ ...(wrong !== undefined && { url: wrong }), database });
    await expect(connecting).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringMatching(message) as string,
    });
    await expect(connecting).rejects.not.toThrow('secret');
  });
});

describe('The options of the client', () => {
  it('are those of the product', async () => {
    const { client } = await connect({ url, database });
    expect(client.options).toMatchObject({
      appName: 'sentimatrix-studio',
      maxPoolSize: 50,
      minPoolSize: 10,
      maxIdleTimeMS: 30_000,
      serverSelectionTimeoutMS: 5_000,
      connectTimeoutMS: 10_000,
    });
    expect(client.options).not.toHaveProperty('timeoutMS');
  });

  it('give way to the connection string, and the server sees the name', async () => {
    const asked = { url: urlWith({ maxPoolSize: '3', APPNAME: 'of the string' }), database, appName: 'of the code' };
    const connected = await connect(asked);
    expect(connected.client.options).toMatchObject({ appName: 'of the string', maxPoolSize: 3, minPoolSize: 3 });
    const pipeline = [{ $currentOp: {} }, { $match: { appName: 'of the string' } }];
    expect(await connected.client.db('admin').aggregate(pipeline).toArray()).not.toEqual([]);
  });

  const optionsOf = (url: string) => clientOptionsFor(new MongoUrl(url));
  it('take no minimum from the string that the driver would refuse, and one where there is no maximum', () => {
    expect(optionsOf('mongodb://a/?maxPoolSize=4').minPoolSize).toBe(4);
    expect(optionsOf('mongodb://a/?maxPoolSize=0').minPoolSize).toBe(10);
    expect(optionsOf('mongodb://a/?minPoolSize=0')).not.toHaveProperty('minPoolSize');
    expect(optionsOf('mongodb://a/?minPoolSize=80').maxPoolSize).toBe(80);
  });
});

describe('close', () => {
  /** Takes the server so long, in milliseconds. */
  async function slowQuery(milliseconds: number): Promise<unknown[]> {
    const collection = db().collection('slow');
    await collection.insertOne({});
    return collection.find({ $where: `sleep(${milliseconds}) || true` }).toArray();
  }
  const started = () => new Promise((resolve) => setTimeout(resolve, 200));

  it('lets what is running come to its end, and gives the database to nobody from then on', async () => {
    await connect({ url, database });
    await db().collection('slow').insertOne({});
    const earlier = slowQuery(700);
    await started();
    // Not even its connection is chosen yet.
    const query = db().collection('slow').find().toArray();
    const closing = close();
    expect(() => db()).toThrow(expect.objectContaining({ code: 'NOT_CONNECTED' }));
    await closing;
    expect((await query).length).toBeGreaterThan(0);
    expect((await earlier).length).toBeGreaterThan(0);
  });

  it('cuts off what takes longer than it may', async () => {
    await connect({ url, database });
    const query = slowQuery(3_000);
    const cut = expect(query).rejects.toThrow();
    await started();
    await close({ patience: 100 });
    await cut;
  });

  it('does nothing without a connection, closes once when called twice, and lets one connect again', async () => {
    await close();
    const first = await connect({ url, database });
    const [, , again] = await Promise.all([close(), close(), connect({ url, database })]);
    expect(again).not.toBe(first);
    expect(await again.command({ ping: 1 })).toMatchObject({ ok: 1 });
    await expect(first.command({ ping: 1 })).rejects.toThrow();
    await again.dropDatabase();
  });

  it('waits for a connection that is being made', async () => {
    const connecting = connect({ url, database });
    await close();
    await connecting;
    expect(() => db()).toThrow(expect.objectContaining({ code: 'NOT_CONNECTED' }));
  });
});
