import { ObjectId, type Document } from 'mongodb';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { clear } from '../../seeders/run/clear';
import { refuseProduction } from '../../seeders/run/refusals';
import { seed, type SeedOptions } from '../../seeders/run/seed';
import { fill, type FillOptions } from '../../seeders/run/fill';
import { hashPassword } from '../../seeders/run/password';
import { seeders } from '../../seeders/seeders';
import { startOfDay, type World } from '../../seeders/world';
import type { CollectionName } from '../../models';
import { schemaOf } from '../models/judges';
import { deployProduct } from '../support/product';
import { useDatabase } from '../support/database';
import { sample } from '../support/samples';
import { everything } from './everything';

const database = useDatabase();
const size = { users: 3, projects: 2, results: 12 };
const now = startOfDay(new Date());
const day = 24 * 3_600_000;
const names = seeders.map(({ collection }) => collection);

beforeAll(() => deployProduct(database));
beforeEach(() => Promise.all(names.map((name) => of(name).deleteMany(name === 'presets' ? own : {}))));

/** Not the system's presets. */
const own = { user_id: { $ne: null } } as const;

const of = (name: CollectionName) => database.db.collection(name);
// The tests' server may be in a container: whether it looks like production is another test's business.
const target = () => ({ url: database.url, database: database.name, force: true });
const plant = (options: Partial<SeedOptions> = {}) => seed({ ...target(), ...size, now, ...options });

/** All that is stored, but for the system's presets. */
async function stored(): Promise<Map<CollectionName, Document[]>> {
  const found = names.map(async (name) => {
    const documents = await of(name)
      .find(name === 'presets' ? own : {})
      .sort({ _id: 1 })
      .toArray();
    return [name, documents] as const;
  });
  return new Map(await Promise.all(found));
}

// It is the same each time, and takes long.
const passwordHash = hashPassword();
const worldOf = async (seed = 1): Promise<World> => ({ seed, size, now, passwordHash: await passwordHash });
/** As the worker does it, on this thread. */
const fillAll = async (options: FillOptions = {}, other: Partial<World> = {}) =>
  fill(database.db, { ...(await worldOf()), ...other }, options);

/** All that should be stored: users in the order of their ids too. */
async function expected(seed = 1): Promise<Map<CollectionName, Document[]>> {
  const world = await worldOf(seed);
  const byId = (one: Document, other: Document) => (String(one['_id']) < String(other['_id']) ? -1 : 1);
  return new Map([...everything(world)].map(([name, documents]) => [name, documents.toSorted(byId)]));
}

const total = (all: Map<CollectionName, Document[]>) => [...all.values()].flat().length;

describe('Seeding', () => {
  it('stores every document as it was made, under all validators and indexes', async () => {
    const report = await plant();
    const all = await expected();
    expect(await stored()).toEqual(all);
    expect(report).toMatchObject({ seed: 1, ...size, added: total(all), present: 0 });
    for (const name of names) expect(report.collections[name]).toEqual({ added: all.get(name)?.length, present: 0 });
    expect(report.logins.map(({ email, role }) => [email, role])).toEqual([
      ['testuser0@example.com', 'admin'],
      ['testuser1@example.com', 'user'],
    ]);
    for (const name of names) {
      const $jsonSchema = await schemaOf(database.db, name);
      expect(
        await of(name)
          .find({ $nor: [{ $jsonSchema }] })
          .toArray(),
      ).toEqual([]);
    }
  });

  it('finds by a word what is about it, titles first', async () => {
    await fillAll({}, { size: { ...size, results: 100 } });
    const found = await of('results')
      .find({ $text: { $search: 'battery' } }, { projection: { content: 1, score: { $meta: 'textScore' } } })
      .sort({ score: { $meta: 'textScore' } })
      .toArray();
    const hits = found.map(({ content }) => content as { title: string; text: string });
    const inTitle = hits.map(({ title }) => /battery/i.test(title));
    expect(hits.length).toBeGreaterThan(10);
    for (const { title, text } of hits) expect(`${title} ${text}`).toMatch(/batter/i);
    expect(inTitle[0]).toBe(true);
    expect(inTitle.at(-1)).toBe(false);
  });

  it('makes the same whatever the batches and how many are on their way', async () => {
    await fillAll({ batch: 7, inFlight: 4 });
    expect(await stored()).toEqual(await expected());
  });

  it('adds nothing when run again, and leaves alone what people changed', async () => {
    await fillAll();
    await of('users').updateOne({ email: 'testuser0@example.com' }, { $set: { name: 'Somebody' } });
    const before = await stored();
    const report = await plant({ now: new Date(now.getTime() + day) });
    expect(report).toMatchObject({ added: 0, present: total(before) });
    expect(await stored()).toEqual(before);
  });

  it('is refused for an earlier day than the accounts are told from, and names that day', async () => {
    await fillAll();
    const before = await stored();
    const error: unknown = await plant({ seed: 7, now: new Date(now.getTime() - day) }).catch(
      (reason: unknown) => reason,
    );
    expect(error).toMatchObject({
      code: 'CONFLICT',
      fix: expect.stringContaining(`\`--now ${now.toISOString().slice(0, 10)}\` or a later day`) as string,
    });
    expect(await stored()).toEqual(before);
  });

  it('adds to it with another seed, and with more users and projects', async () => {
    await fillAll();
    const first = total(await stored());
    const other = await plant({ seed: 7 });
    expect(other).toMatchObject({ added: first - 2, present: 2 });
    const more = await plant({ users: 4, projects: 3 });
    expect(more.present).toBe(first);
    expect(await of('projects').countDocuments()).toBe(4 * 3 + 3 * 2);
  });

  it('makes the rest after it was stopped', async () => {
    const controller = new AbortController();
    const stopped = plant({
      batch: 10,
      signal: controller.signal,
      onProgress: ({ done }) => {
        if (done > 100) controller.abort();
      },
    });
    await expect(stopped).rejects.toMatchObject({ code: 'ABORTED' });
    const before = total(await stored());
    const all = await expected();
    expect(before).toBeGreaterThan(0);
    expect(before).toBeLessThan(total(all));
    expect(await plant()).toMatchObject({ added: total(all) - before, present: before });
    expect(await stored()).toEqual(all);
  });

  it('makes the rest wherever it was interrupted', async () => {
    await fillAll();
    const all = await expected();
    for (const name of names) {
      const ids = (all.get(name) ?? []).filter((_, at) => at % 3 === 1).map(({ _id }) => _id as ObjectId);
      await of(name).deleteMany({ _id: { $in: ids } });
    }
    await fillAll({ batch: 10 });
    expect(await stored()).toEqual(all);
  });

  it('does the work once when two run at once', async () => {
    const runs = await Promise.all([fillAll({ batch: 5 }), fillAll({ batch: 5 })]);
    const all = await expected();
    expect(runs.flatMap((filled) => [...filled.values()]).reduce((sum, { added }) => sum + added, 0)).toBe(total(all));
    expect(await stored()).toEqual(all);
  });
});

describe('What somebody else made', () => {
  it('is named when it is in the way, and nothing is written', async () => {
    const own = { ...sample('users'), email: 'testuser1@example.com' };
    await of('users').insertOne(own);
    await expect(plant()).rejects.toMatchObject({
      code: 'CONFLICT',
      summary: 'Nothing was changed: cannot seed users',
      why: [expect.stringMatching(/^users .*testuser1@example\.com/)],
      fix: expect.stringContaining('remove or rename') as string,
    });
    expect(total(await stored())).toBe(1);
  });

  it('is no success when it comes while the seeder runs', async () => {
    const all = await expected();
    const [token] = all.get('refresh_tokens') ?? [];
    await of('refresh_tokens').insertOne({ ...token, _id: new ObjectId() });
    await expect(fillAll()).rejects.toMatchObject({
      code: 'CONFLICT',
      summary: 'Cannot seed refresh_tokens',
      why: [expect.stringContaining('refresh_tokens has a document that the seeder did not make')],
    });
  });

  it('stays when the seed is removed', async () => {
    const others = await Promise.all(
      names.map(async (name) => {
        const { insertedId } = await of(name).insertOne({ ...sample(name) });
        return [name, insertedId] as const;
      }),
    );
    const presets = await of('presets').countDocuments({ user_id: null });
    await fillAll();
    const report = await clear(target());
    const all = await expected();
    expect(report).toMatchObject({ removed: total(all), keptAccounts: false });
    for (const [name, id] of others) {
      const rest = await of(name)
        .find(name === 'presets' ? own : {})
        .toArray();
      expect(
        rest.map(({ _id }) => String(_id)),
        name,
      ).toEqual([String(id)]);
    }
    expect(await of('presets').countDocuments({ user_id: null })).toBe(presets);
  });
});

describe('Removing', () => {
  it('takes everything of the seed, whatever the numbers were, and nothing of another', async () => {
    await fillAll();
    const first = await stored();
    await fillAll({}, { seed: 7, size: { ...size, users: 4, results: 5 } });
    expect(await clear({ ...target(), seed: 7 })).toMatchObject({ keptAccounts: true });
    expect(await stored()).toEqual(first);
    expect(await clear(target())).toMatchObject({ removed: total(first), keptAccounts: false });
    expect(total(await stored())).toBe(0);
    expect(await clear(target())).toMatchObject({ removed: 0 });
  });
});

describe('Seeding refuses', () => {
  it('another number of results for a seed that is there, since its documents tell the old one', async () => {
    await fillAll();
    const before = await stored();
    for (const results of [0, 11, 13]) {
      await expect(plant({ results })).rejects.toMatchObject({ code: 'CONFLICT' });
    }
    expect(await stored()).toEqual(before);
  });

  it.each([
    'mongodb://db.example.com',
    'mongodb://localhost,db.example.com/?replicaSet=rs0',
    'mongodb+srv://cluster.example.com',
    'mongodb://127.0.0.1.example.com',
    'mongodb://localhost.example.com:27017',
    'mongodb://10.0.0.7',
  ])('%s, which looks like production, unless it is forced', (url) => {
    expect(() => {
      refuseProduction(url, {}, {});
    }).toThrow('the server is not on this machine');
    refuseProduction(url, { force: true }, {});
  });

  it.each(['mongodb://localhost', 'mongodb://127.0.0.1:27018,127.1.2.3/?replicaSet=rs0', 'mongodb://u:p@[::1]:27017'])(
    '%s in production alone',
    (url) => {
      refuseProduction(url, {}, {});
      expect(() => {
        refuseProduction(url, {}, { NODE_ENV: 'production' });
      }).toThrow('NODE_ENV is production');
    },
  );

  it.each([
    { users: 0 },
    { users: -1 },
    { users: 1.5 },
    { users: 70_000 },
    { projects: 5_000 },
    { results: 2_000_000 },
    { users: 60_000, projects: 4_000, results: 1_000_000 },
    { seed: -1 },
    { seed: 2 ** 32 },
    { users: Number.NaN },
  ])('numbers that make no sense, before it connects: %o', async (numbers) => {
    const nowhere = { url: 'mongodb://127.0.0.1:1', database: 'x' };
    await expect(seed({ ...nowhere, ...numbers })).rejects.toMatchObject({ code: 'USAGE' });
  });
});
