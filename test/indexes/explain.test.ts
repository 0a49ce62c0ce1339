import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { readIndexes } from '../../src/database';
import { explainQueries, explainQuery, stagesIn, type KnownQuery, type QueryPlan } from '../../src/indexes';
import { createCollections, createIndexes, migration } from '../../src/migration';
import { useDatabase } from '../support/database';
import { useOwnServer } from '../support/own-server';

const database = useDatabase();
const secret = 'nobody-may-see-this';
const orders = () => database.db.collection('orders');

beforeAll(async () => {
  const documents = Array.from({ length: 1_000 }, (_, at) => ({
    customer: `${secret}, ${at % 10}`,
    at: new Date(at * 1_000),
    state: at % 100 === 0 ? 'open' : 'done',
    lines: [at % 3, at % 5],
    note: `words ${at}`,
  }));
  await orders().insertMany([...documents, { state: 'open' }]);
  await orders().createIndexes([
    { key: { customer: 1, at: 1 } },
    { key: { state: 1 } },
    { key: { lines: 1 } },
    { key: { note: 'text' } },
  ]);
});

const query = (more: Partial<KnownQuery>): KnownQuery => ({
  name: 'a-query',
  collection: 'orders',
  index: 'customer_1_at_1',
  filter: {},
  ...more,
});
const explain = async (more: Partial<KnownQuery>, limit?: number) =>
  explainQuery(database.db, query(more), await readIndexes(database.db, more.collection ?? 'orders'), limit);
const planOf = ({ plan }: { readonly plan?: QueryPlan }) => plan ?? expect.fail('there is no plan');
/** Each step, as `IXSCAN customer_1_at_1`. */
const steps = (plan: QueryPlan) =>
  stagesIn(plan.tree).map(({ stage, index }) => (index === undefined ? stage : `${stage} ${index}`));

const ofOne = { filter: { customer: 'nobody' }, takes: ['customer'], sort: { at: -1 }, limit: 5 } as const;

describe('How a query is answered', () => {
  it('is told as a tree, with what is read of the index, and what that takes', async () => {
    const explained = await explain(ofOne);
    expect(explained.problems).toEqual([]);
    const plan = planOf(explained);
    expect(steps(plan)).toEqual(['LIMIT', 'FETCH', 'IXSCAN customer_1_at_1']);
    const bounds = { customer: '1 value', at: 'all' };
    expect(stagesIn(plan.tree).at(-1)).toMatchObject({ bounds, isBackward: true, keysExamined: 5 });
    expect(plan.cost).toMatchObject({ keysExamined: 5, docsExamined: 5, returned: 5 });
  });

  it('shows no value: neither one of the example, nor one of a document', async () => {
    const hidden = { filter: { customer: { $in: [secret, `${secret}2`] }, note: secret, lines: { $gt: 1 } } };
    for (const more of [ofOne, hidden]) expect(JSON.stringify(await explain(more))).not.toContain(secret);
    const plan = planOf(await explain(hidden));
    expect(plan.cost).toMatchObject({ returned: 0 });
    expect(stagesIn(plan.tree).flatMap(({ filtersOn = [] }) => filtersOn)).toEqual(expect.arrayContaining(['note']));
  });

  it('takes the values from one document that has them all, and keeps the examples where none has', async () => {
    expect(planOf(await explain({ ...ofOne, limit: 200 })).cost).toMatchObject({ returned: 100 });
    expect(planOf(await explain({ ...ofOne, takes: ['customer', 'missing'] })).cost).toMatchObject({ returned: 0 });
    const other = { index: 'lines_1', filter: { lines: 99 }, takes: ['lines'] };
    expect(planOf(await explain(other)).cost?.returned).toBeGreaterThan(0);
  });

  it('takes them past an index that may not be used for it: a partial one', async () => {
    await orders().createIndexes([{ key: { customer: 1 }, partialFilterExpression: { state: 'open' } }]);
    const own = { index: 'customer_1', filter: { customer: 'nobody', state: 'open' }, takes: ['customer'] };
    expect(planOf(await explain(own)).cost?.returned).toBeGreaterThan(0);
    await orders().dropIndex('customer_1');
  });

  it.each([
    ['a range', { $gt: 1, $lt: 3 }, 'a range'],
    ['some values', { $in: [1, 2] }, '2 values'],
    ['values and ranges', { $not: { $in: [1, 2] } }, '3 ranges'],
  ])('says of bounds what they are: %s', async (_title, lines, words) => {
    const plan = planOf(await explain({ index: 'lines_1', filter: { lines } }));
    expect(stagesIn(plan.tree).at(-1)?.bounds).toEqual({ lines: words });
  });

  it.each<[string, Partial<KnownQuery>, string[]]>([
    ['a scan', { filter: { nothing: 1 } }, ['it reads the whole collection']],
    ['a sort', { filter: { state: 'open' }, index: 'state_1', sort: { note: 1 } }, ['it sorts in memory']],
    ['another index', { filter: { state: 'open' } }, ['it uses state_1, not customer_1_at_1']],
    ['a missing index', { ...ofOne, index: 'gone_1' }, ['its index gone_1 does not exist', 'it uses customer_1_at_1']],
    ['a missing collection', { collection: 'gone' }, ['its index customer_1_at_1 does not exist']],
  ])('names what is not as it should be: %s', async (_title, more, problems) => {
    expect((await explain(more)).problems).toEqual(problems);
  });

  it('is no sort in memory where the order is one of relevance', async () => {
    const words = {
      index: 'note_text',
      filter: { $text: { $search: 'words' } },
      sort: { score: { $meta: 'textScore' } },
    };
    const explained = await explain({ ...words, limit: 5 });
    expect(explained).toMatchObject({ problems: [], plan: { sorts: true, indexes: ['note_text'] } });
  });

  it('counts in no statistics of the index', async () => {
    const ops = async () => {
      const found = await orders()
        .aggregate([{ $indexStats: {} }])
        .toArray();
      return found.map(({ name, accesses }) => [name, (accesses as { ops: unknown }).ops] as const);
    };
    const before = await ops();
    await explain({ filter: { customer: `${secret}, 1` } });
    expect(await ops()).toEqual(before);
  });

  it('is told without numbers where it takes too long', async () => {
    const explained = await explain({ filter: { $where: 'sleep(20) || true' } }, 100);
    expect(explained.problems).toContain('the query takes longer than 0.1 s, and was aborted');
    expect(planOf(explained)).toMatchObject({ scans: true });
    expect(planOf(explained).cost).toBeUndefined();
  });

  it('repeats no value where the server refuses the query', async () => {
    const error: unknown = await explain({ filter: { customer: { $nonsense: secret } } }).catch((one: unknown) => one);
    expect(error).toMatchObject({ code: 'SERVER', summary: 'Cannot explain a-query: BadValue' });
    expect(JSON.stringify(error)).not.toContain(secret);
  });

  describe('with the index hidden', () => {
    const hide = (name: string, hidden: boolean) => database.db.command({ collMod: 'orders', index: { name, hidden } });
    afterEach(async () => {
      for (const name of ['customer_1_at_1', 'note_text']) await hide(name, false);
    });

    it('is told so', async () => {
      await hide('customer_1_at_1', true);
      const problems = ['its index customer_1_at_1 is hidden', 'it reads the whole collection', 'it sorts in memory'];
      expect((await explain(ofOne)).problems).toEqual(problems);
    });

    it('has no plan where it searches for words', async () => {
      await hide('note_text', true);
      const explained = await explain({ index: 'note_text', filter: { $text: { $search: secret } } });
      expect(explained).toEqual({
        ...{ name: 'a-query', collection: 'orders', index: 'note_text' },
        problems: ['its index note_text is hidden', 'the query fails: a text search needs a text index'],
      });
    });
  });
});

describe('All queries', () => {
  const serves = "a customer's orders";
  const definition = { name: 'customer_1_at_1', key: { customer: 1, at: 1 }, serves } as const;
  const migrations = [
    migration('20260101000000-orders.ts', createCollections('orders'), createIndexes('orders', [definition])),
  ];
  const queries = [query({ ...ofOne, name: 'orders-of-customer' }), query({ name: 'open', index: 'state_1' })];
  const run = (name?: string) =>
    explainQueries({ target: { url: database.url, database: database.name }, migrations, queries, name });

  it('come with what their index serves, and the indexes that have none', async () => {
    const report = await run();
    expect(report.queries.map((one) => [one.name, one.serves])).toEqual([
      ['orders-of-customer', serves],
      ['open', undefined],
    ]);
    const collection = 'orders';
    expect(report.noQueryKnown).toEqual([
      { collection, name: 'lines_1' },
      { collection, name: 'note_text' },
    ]);
  });

  it('are asked for by name; of a typo it says what was meant', async () => {
    const { queries: explained, noQueryKnown } = await run('orders-of-customer');
    expect([explained.length, noQueryKnown]).toEqual([1, []]);
    await expect(run('order-of-custmer')).rejects.toThrow('did you mean orders-of-customer?');
  });
});

describe('A server that answers by its newer engine', () => {
  const own = useOwnServer();

  it('is understood as well', async () => {
    const { db } = own.freshDatabase();
    await own.client.db('admin').command({ setParameter: 1, internalQueryFrameworkControl: 'trySbeEngine' });
    await db.collection('orders').createIndex({ customer: 1, at: 1 });
    await db.collection('orders').insertMany(Array.from({ length: 20 }, (_, at) => ({ customer: secret, at })));
    const raw = await db.command({
      explain: { find: 'orders', filter: { customer: secret } },
      verbosity: 'executionStats',
    });
    expect(raw).toMatchObject({ explainVersion: '2' });
    const explained = await explainQuery(db, query(ofOne), await readIndexes(db, 'orders'));
    expect(explained.problems).toEqual([]);
    expect(steps(planOf(explained))).toEqual(['LIMIT', 'FETCH', 'IXSCAN customer_1_at_1']);
    expect(planOf(explained).cost).toMatchObject({ keysExamined: 5, docsExamined: 5, returned: 5 });
  });
});
