import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { deploy, rollback, status } from '../../src/deploy';
import { useDatabase } from '../support/database';
import { errorWith } from '../support/error-with';
import { makeSmallProject, type SmallProject } from '../support/small-project';

/** A dump holds the history. What it holds of the lease, if anything, depends on who took it and how it is restored. */
const leases: readonly [string, number | undefined][] = [
  ['missing', undefined],
  ['older', 1],
];

const database = useDatabase();
let project: SmallProject;
beforeAll(async () => {
  project = await makeSmallProject({ users: `createCollections('users')`, projects: `createCollections('projects')` });
});
afterAll(() => project.remove());
beforeEach(() => database.db.dropDatabase());

const options = () => ({ url: database.url, database: database.name, folder: project.folder });
const states = async () => (await status(options())).migrations.map(({ state }) => state);

describe('After a plain mongorestore', () => {
  it.each(leases)('with a lease that is %s, later events come after earlier ones', async (_what, token) => {
    await deploy({ ...options(), to: 'users' });
    await deploy(options());
    await rollback({ ...options(), steps: 1 });
    await deploy(options());
    const leases = database.db.collection<{ _id: string }>('schema_lock');
    if (token === undefined) await leases.drop();
    else await leases.replaceOne({ _id: 'lease' }, { token });
    await rollback({ ...options(), steps: 1 });
    expect(await states()).toEqual(['applied', 'pending']);
    const written = await database.db.collection('schema_history').find().sort({ $natural: 1 }).toArray();
    const order = written.map(({ token, sequence }) => Number(token) * 1_000 + Number(sequence));
    expect(order).toEqual(order.toSorted((one, other) => one - other));
    await deploy(options());
    expect(await states()).toEqual(['applied', 'applied']);
  });
});

describe('Events that have no clear order', () => {
  const other = { type: 'finished', attempt: 'x' };
  it.each([
    ['arrays', [{ ...other, token: [], sequence: [[{}]] }], '.find('],
    [
      'one place twice',
      [
        { ...other, token: 1, sequence: 99 },
        { ...other, token: 1, sequence: 99 },
      ],
      '.aggregate(',
    ],
  ])('are refused before anything is written: %s', async (_what, events, query) => {
    await deploy({ ...options(), to: 'users' });
    const history = database.db.collection('schema_history');
    // The index lets no such event in. A history that was restored without it may hold one.
    await history.dropIndexes();
    await history.insertMany(events.map((event) => ({ ...event })));
    await expect(deploy(options())).rejects.toThrow(errorWith({ code: 'HISTORY', summary: 'not unique', fix: query }));
    expect(await states()).toEqual(['applied', 'pending']);
  });
});
