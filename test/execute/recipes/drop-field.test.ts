import type { Document } from 'mongodb';
import { beforeEach, describe, expect, it } from 'vitest';
import { dropField } from '../../../src/migration';
import { useDatabase } from '../../support/database';
import { errorWith } from '../../support/error-with';
import { killAtEachWrite } from '../../support/killed-at-each-write';
import { runSteps } from '../../support/run-steps';

const database = useDatabase();
const posts = () => database.db.collection<{ _id: number } & Document>('posts');
const all = () => posts().find().sort({ _id: 1 }).toArray();
const drop = (path: string | readonly string[]) => dropField('posts', path, { reason: 'nothing reads it' });

beforeEach(() => database.db.dropDatabase());

interface Case {
  readonly path: string | readonly string[];
  readonly before: readonly Document[];
  readonly after: readonly Document[];
}

const deep = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
const nest = (names: readonly string[], value: unknown): Document =>
  names.toReversed().reduce<unknown>((inner, name) => ({ [name]: inner }), value) as Document;

/** Documents before, and those of them that lose something after. */
const cases: readonly Case[] = [
  { path: 'a', before: [{ a: 1, b: 2 }, { a: null }, { b: 1 }, { 'a.b': 1 }], after: [{ b: 2 }, {}] },
  { path: '0', before: [{ 0: 1 }, { a: [1] }], after: [{}] },
  {
    path: 'a.b',
    before: [{ a: { b: 1, c: 2 } }, { a: { b: null } }, { a: {} }, { a: 5 }, { a: null }, {}, { 'a.b': 1 }, { b: 1 }],
    after: [{ a: { c: 2 } }, { a: {} }],
  },
  {
    path: 'a.b',
    before: [{ a: [{ b: 1, c: 1 }, { c: 2 }, 5, [{ b: 7 }]] }, { a: [] }, { a: [5, null] }, { a: [[{ b: 1 }, 1]] }],
    after: [{ a: [{ c: 1 }, { c: 2 }, 5, [{}]] }, { a: [[{}, 1]] }],
  },
  {
    path: 'a.b.c',
    before: [{ a: [{ b: [{ c: 1 }, { d: 1 }] }, { b: { c: 1 } }, { b: 5 }] }, { a: { b: { d: [{ c: 1 }] } } }],
    after: [{ a: [{ b: [{}, { d: 1 }] }, { b: {} }, { b: 5 }] }],
  },
  {
    path: 'a.0',
    before: [{ a: { 0: 1, 1: 2 } }, { a: [1, 2] }, { a: [{ 0: 1 }] }],
    after: [{ a: { 1: 2 } }, { a: [{}] }],
  },
  { path: 'a.b.0', before: [{ a: [{ b: { 0: 1 } }] }, { a: { b: [1] } }], after: [{ a: [{ b: {} }] }] },
  { path: ['a.b'], before: [{ 'a.b': 1, a: { b: 2 } }, { a: { b: 1 } }], after: [{ a: { b: 2 } }] },
  { path: ['$a'], before: [{ $a: 1, a: 2 }, { a: 1 }], after: [{ a: 2 }] },
  {
    path: ['counts', 'example.com'],
    before: [
      { counts: { 'example.com': 1, 'example.org': 1 } },
      { counts: [{ 'example.com': 1 }, { example: { com: 1 } }] },
      { counts: { example: { com: 1 } } },
    ],
    after: [{ counts: { 'example.org': 1 } }, { counts: [{}, { example: { com: 1 } }] }],
  },
  { path: ['a', '$b'], before: [{ a: { $b: 1 } }, { a: { b: 1 } }], after: [{ a: {} }] },
  { path: ['plain'], before: [{ plain: 1 }, { other: 1 }], after: [{}] },
  { path: deep.join('.'), before: [nest(deep, 1), nest(deep.slice(0, -1), [1])], after: [nest(deep.slice(0, -1), {})] },
];
const titled = cases.map((one) => [JSON.stringify(one.path), one] as const);

describe.each(titled)('dropField of %s', (_, { path, before, after }) => {
  const documents = () => before.map((one, _id) => ({ ...one, _id }));
  // Those that lose nothing stand as they were.
  const left = async () => (await all()).map(({ _id, ...rest }) => rest);
  const fill = async () => {
    await posts().deleteMany({});
    await posts().insertMany(documents());
  };

  it('counts what loses a value, and changes nothing before it may', async () => {
    await fill();
    await expect(runSteps(database.db, [drop(path)])).rejects.toThrow(
      errorWith({ code: 'DATA_LOSS', why: `${after.length} document${after.length === 1 ? '' : 's'} would lose` }),
    );
    expect(await left()).toEqual(before);
  });

  it('takes it from these documents, and from no others', async () => {
    await fill();
    await runSteps(database.db, [drop(path)], 'up', { allowDataLoss: true });
    const now = await left();
    const changed = now.filter((one, at) => JSON.stringify(one) !== JSON.stringify(before[at]));
    expect(changed).toEqual(after);
    // Nothing is left that a second run would take.
    await runSteps(database.db, [drop(path)]);
  });
});

it.each<[path: string | readonly string[], why: string]>([
  ['', 'missing, is empty'],
  ['a..b', 'missing, is empty'],
  ['a.', 'missing, is empty'],
  [[], 'a name in the path is missing'],
  [['a', ''], 'missing, is empty'],
  ['a\0', 'null character'],
  ['_id', 'an _id never changes'],
  ['_id.a', 'an _id never changes'],
  ['a.$[].b', 'begins with a dollar sign'],
  ['$a', 'begins with a dollar sign'],
])('dropField refuses %j', (path, why) => {
  expect(() => drop(path)).toThrow(errorWith({ code: 'MIGRATION', why }));
});

it('A dropField that is stopped before any of its writes takes all of them in the end', async () => {
  const fill = async () => {
    await posts().deleteMany({});
    await posts().insertMany([1, 2, 3].map((_id) => ({ _id, a: [{ b: _id, c: _id }] })));
  };
  const writes = await killAtEachWrite(database.db, [drop('a.b')], 'up', {
    fill,
    check: async () => {
      expect(await all()).toEqual([1, 2, 3].map((_id) => ({ _id, a: [{ c: _id }] })));
    },
  });
  expect(writes).toBeGreaterThan(1);
});

describe('dropField in an array that lies in two others', () => {
  it.each<[path: string, document: Document]>([
    ['a.b', { a: [[[{ b: 1 }]]] }],
    ['a.b', { a: [[[[{ b: 1 }]]]] }],
    ['a.b.c', { a: { b: [[[{ c: 1 }]]] } }],
  ])('is refused before it writes: %s of %j', async (path, document) => {
    await posts().insertMany([
      { _id: 1, a: [{ b: 1 }] },
      { _id: 2, ...document },
    ]);
    const before = await all();
    await expect(runSteps(database.db, [drop(path)], 'up', { allowDataLoss: true })).rejects.toThrow(
      errorWith({ code: 'PREFLIGHT', why: '1 document has documents in an array inside 2 other arrays' }),
    );
    expect(await all()).toEqual(before);
  });

  it('goes by what can hold no field', async () => {
    await posts().insertOne({ _id: 1, a: [{ b: 1 }, [[1, 'text']]] });
    await runSteps(database.db, [drop('a.b')], 'up', { allowDataLoss: true });
    expect(await all()).toEqual([{ _id: 1, a: [{}, [[1, 'text']]] }]);
  });
});
