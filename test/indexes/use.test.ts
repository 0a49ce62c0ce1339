import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { adviseOn } from '../../src/author';
import { reportIndexes, unneededIn, type IndexesReport, type KnownQuery } from '../../src/indexes';
import { foldMigrations } from '../../src/migration';
import { loadMigrations, findMigrations } from '../../src/project';
import { find } from '../../src/schema';
import { deploy } from '../../src/deploy';
import { useOwnServer } from '../support/own-server';
import { indexOn, makeSmallProject, type SmallProject } from '../support/small-project';
import { hanging } from '../concurrency/hanging-build';

const own = useOwnServer();
const week = 7 * 86_400;
const serves = 'a test';
const twoFields = (one: string, two: string, more = '') =>
  `{ name: '${one}_1_${two}_1', key: { ${one}: 1, ${two}: 1 }, serves: 'a test'${more} }`;
const german = "collation: { locale: 'de' }";
const indexes = [
  ...[indexOn('customer'), twoFields('customer', 'at'), indexOn('state'), indexOn('code', 'unique: true')],
  ...[indexOn('ends', 'expireAfterSeconds: 60'), indexOn('name', german), twoFields('name', 'at', `, ${german}`)],
  twoFields('name', 'code'),
];
const steps = {
  orders: "createCollections('orders')",
  indexes: `createIndexes('orders', [${indexes.join(', ')}])`,
};
let project: SmallProject;
const queries: readonly KnownQuery[] = [
  { name: 'orders-by-state', collection: 'orders', index: 'state_1', filter: { state: 1 } },
];

let db: ReturnType<typeof own.freshDatabase>['db'];
const orders = () => db.collection('orders');
const report = (window = week) =>
  reportIndexes({
    target: { url: own.server.url, database: db.databaseName },
    migrations: project.migrations,
    queries,
    window,
  });
const lineOf = ({ indexes }: IndexesReport, name: string) =>
  indexes.find((line) => line.name === name) ?? expect.fail(`no line ${name}`);
const flags = (found: IndexesReport) => Object.fromEntries(found.indexes.map((line) => [line.name, line.flags]));
/** As the server itself tells it. */
const stats = async () => {
  const found = await orders()
    .aggregate([{ $indexStats: {} }])
    .toArray();
  return new Map(found.map(({ name, accesses }) => [name as string, accesses as { ops: unknown; since: Date }]));
};

beforeAll(async () => {
  ({ db } = own.freshDatabase());
  project = await makeSmallProject(steps);
  await deploy({ url: own.server.url, database: db.databaseName, folder: project.folder });
  await orders().insertMany(Array.from({ length: 100 }, (_, at) => ({ code: at, state: at % 2, customer: at % 5 })));
});
afterAll(() => project.remove());

describe('The use of indexes', () => {
  it('is what the server counts, and what was asked', async () => {
    const before = (await stats()).get('state_1')?.ops;
    for (let times = 0; times < 7; times++) await orders().find({ state: 1 }).toArray();
    const found = await report();
    const { use, bytes, ...line } = lineOf(found, 'state_1');
    const now = (await stats()).get('state_1');
    expect(Number(now?.ops) - Number(before)).toBe(7);
    expect(use).toMatchObject({ ops: Number(now?.ops), since: now?.since, isBuilding: false });
    expect(use?.members).toHaveLength(1);
    expect(bytes).toBeGreaterThan(0);
    expect(line).toMatchObject({ serves, queries: ['orders-by-state'], flags: [] });
    expect(found.members).toMatchObject([{ isPrimary: true, ttl: { deleted: expect.any(Number) as number } }]);
    expect(found.indexes.map(({ name }) => name)).not.toContain('_id_');
  });

  it('calls an index unused after the window, and never one that is unique or has a TTL', async () => {
    await orders().find({ state: 1 }).toArray();
    expect(await report()).toMatchObject({ unused: 0, isWhole: true });
    expect(flags(await report())).toEqual({
      code_1: [],
      customer_1: ['not used yet', 'redundant'],
      customer_1_at_1: ['not used yet'],
      ends_1: [],
      name_1: ['not used yet', 'redundant'],
      name_1_at_1: ['not used yet'],
      name_1_code_1: ['not used yet'],
      state_1: [],
    });
    const found = await report(0);
    expect(found.unused).toBe(5);
    expect(flags(found)).toMatchObject({ code_1: [], ends_1: [], state_1: [], name_1_code_1: ['unused'] });
  });

  it('takes for redundant what another index of the same collation begins with, and for no other reason', async () => {
    const redundant = (await report()).indexes.flatMap(({ name, redundantTo }) =>
      redundantTo === undefined ? [] : [[name, redundantTo]],
    );
    expect(redundant).toEqual([
      ['customer_1', 'customer_1_at_1'],
      ['name_1', 'name_1_at_1'],
    ]);
  });

  it('keeps one of the two where the longer index is unused', async () => {
    // A query that asks for the first field alone takes either; this one is told which.
    await orders().find({ customer: 1 }).hint('customer_1').toArray();
    const names = (found: IndexesReport) => unneededIn(found).map(({ name }) => name);
    expect(names(await report(0))).toEqual(['customer_1_at_1', 'name_1', 'name_1_at_1', 'name_1_code_1']);
    expect(names(await report())).toEqual(['customer_1', 'name_1']);
  });

  it('tells of an index that is being built, and judges it no further', async () => {
    await own.failPoint(hanging);
    const building = orders().createIndex({ new: 1 });
    await expect.poll(async () => (await stats()).has('new_1'), { timeout: 30_000 }).toBe(true);
    expect(lineOf(await report(0), 'new_1').flags).toEqual(['building']);
    await own.failPointOff(hanging);
    await building;
    await orders().dropIndex('new_1');
  });

  it('counts anew once an index is hidden', async () => {
    await orders().find({ state: 1 }).toArray();
    const before = lineOf(await report(), 'state_1').use;
    await db.command({ collMod: 'orders', index: { name: 'state_1', hidden: true } });
    const { use, flags } = lineOf(await report(), 'state_1');
    expect(use?.ops).toBe(0);
    expect(use?.since.getTime()).toBeGreaterThan(before?.since.getTime() ?? 0);
    expect(flags).toEqual(['hidden', 'not used yet']);
    await db.command({ collMod: 'orders', index: { name: 'state_1', hidden: false } });
  });
});

describe('The advice', () => {
  it('is a migration to copy: hide first, drop what is hidden, and nothing that was made by hand', async () => {
    const load = () => loadMigrations(findMigrations(project.folder));
    const unneeded = ['customer_1', 'by_hand_1'].map((name) => ({ collection: 'orders', name, isHidden: false }));
    const first = await adviseOn(unneeded, load(), project.folder);
    expect(first.madeByHand).toEqual([unneeded[1]]);
    expect(first.advice.map(({ name }) => name)).toEqual(['hide-unused-indexes']);
    await project.write('migrations/20260201000000-hide.ts', first.advice[0]?.text ?? '');
    expect(find(foldMigrations(load()), 'index', { collection: 'orders', name: 'customer_1' })?.hidden).toBe(true);
    const second = await adviseOn([{ ...unneeded[0], isHidden: true } as never], load(), project.folder);
    expect(second.advice.map(({ name }) => name)).toEqual(['drop-hidden-indexes']);
    await project.write('migrations/20260202000000-drop.ts', second.advice[0]?.text ?? '');
    expect(find(foldMigrations(load()), 'index', { collection: 'orders', name: 'customer_1' })).toBeUndefined();
  });
});
