import type { Document } from 'mongodb';
import { beforeEach, describe, expect, it } from 'vitest';
import { renameField, type FieldPath, type RenameFieldOptions } from '../../../src/migration';
import { german } from '../../support/collations';
import { useDatabase } from '../../support/database';
import { errorWith } from '../../support/error-with';
import { killAtEachWrite } from '../../support/killed-at-each-write';
import { runSteps } from '../../support/run-steps';

const database = useDatabase();
const posts = () => database.db.collection<{ _id: number } & Document>('posts');
const all = async () => (await posts().find().sort({ _id: 1 }).toArray()).map(({ _id, ...rest }) => rest);
const rename = (from: FieldPath, to: FieldPath, options?: RenameFieldOptions) =>
  renameField('posts', from, to, { batchSize: 2, ...options });
const fill = async (documents: readonly Document[]) => {
  await posts().deleteMany({});
  await posts().insertMany(documents.map((one, _id) => ({ ...one, _id })));
};

beforeEach(() => database.db.dropDatabase());

describe.each<[from: FieldPath, to: FieldPath, before: Document[], after: Document[]]>([
  [
    'a',
    'b',
    [{ a: 1 }, { a: null, c: 1 }, { c: 1 }, { a: [1, { b: 2 }] }],
    [{ b: 1 }, { c: 1, b: null }, { c: 1 }, { b: [1, { b: 2 }] }],
  ],
  [
    'a',
    'b.c',
    [{ a: 1 }, { a: 2, b: { d: 1 } }, { b: { d: 1 } }, { d: 1 }],
    [{ b: { c: 1 } }, { b: { d: 1, c: 2 } }, { b: { d: 1 } }, { d: 1 }],
  ],
  [
    'a.b',
    'b',
    [{ a: { b: 1 } }, { a: { b: 1, c: 1 } }, { a: 1 }, { a: [1] }],
    [{ a: {}, b: 1 }, { a: { c: 1 }, b: 1 }, { a: 1 }, { a: [1] }],
  ],
  ['a.b.c', 'a.d.e', [{ a: { b: { c: 1 } } }, { a: { b: 1 } }], [{ a: { b: {}, d: { e: 1 } } }, { a: { b: 1 } }]],
  ['a.b', 'a.c', [{ a: { b: 1 } }, { a: [{ d: 1 }] }], [{ a: { c: 1 } }, { a: [{ d: 1 }] }]],
  [['a.b'], ['$c'], [{ 'a.b': 1, a: { b: 2 } }, { a: { b: 2 } }], [{ a: { b: 2 }, $c: 1 }, { a: { b: 2 } }]],
  [['m', 'x.y'], 'm.z', [{ m: { 'x.y': 1 } }, { m: { x: { y: 1 } } }], [{ m: { z: 1 } }, { m: { x: { y: 1 } } }]],
])('renameField %j to %j', (from, to, before, after) => {
  it('moves every value, and back', async () => {
    await fill(before);
    await runSteps(database.db, [rename(from, to)]);
    expect(await all()).toEqual(after);
    await runSteps(database.db, [rename(from, to)]);
    expect(await all()).toEqual(after);
    await runSteps(database.db, [rename(from, to)], 'down');
    expect(await all()).toEqual(before);
    await runSteps(database.db, [rename(from, to)], 'down');
    expect(await all()).toEqual(before);
  });
});

it('renameField removes the old field where both have the same value', async () => {
  await fill([
    { a: { x: [1] }, b: { x: [1] } },
    { a: null, b: null },
    { a: NaN, b: NaN },
  ]);
  await runSteps(database.db, [rename('a', 'b')]);
  expect(await all()).toEqual([{ b: { x: [1] } }, { b: null }, { b: NaN }]);
});

describe.each<[direction: 'up' | 'down', other: string]>([
  ['up', 'a'],
  ['down', 'b'],
])('Where both fields have different values on the way %s', (direction, source) => {
  const documents = [{ a: 1, b: 2 }, { a: null, b: 0 }, { [source]: 5 }, { a: 7, b: 7 }];

  it('renameField stops before its first write, and counts them', async () => {
    await fill(documents);
    const stopped = runSteps(database.db, [rename('a', 'b')], direction, { allowDataLoss: true });
    await expect(stopped).rejects.toThrow(errorWith({ code: 'PREFLIGHT', why: 'posts: 2 documents have both' }));
    expect(await all()).toEqual(documents);
  });

  it.each([
    ['keep from', 'a', 1, null],
    ['keep to', 'b', 2, 0],
  ] as const)('%s keeps one of them, with consent', async (onConflict, _field, first, second) => {
    await fill(documents);
    const step = rename('a', 'b', { onConflict });
    await expect(runSteps(database.db, [step], direction)).rejects.toThrow(
      errorWith({ code: 'DATA_LOSS', why: '2 documents would lose' }),
    );
    expect(await all()).toEqual(documents);
    await runSteps(database.db, [step], direction, { allowDataLoss: true });
    const target = direction === 'up' ? 'b' : 'a';
    expect(await all()).toEqual([first, second, 5, 7].map((value) => ({ [target]: value })));
  });
});

it('Values that a collation takes for the same are different ones', async () => {
  await database.db.createCollection('posts', { collation: { ...german, strength: 1 } });
  await fill([
    { a: 'x', b: 'X' },
    { a: ['y'], b: ['y'] },
  ]);
  await expect(runSteps(database.db, [rename('a', 'b')])).rejects.toThrow(
    errorWith({ why: 'posts: 1 document has both' }),
  );
});

it.each<[from: FieldPath, to: FieldPath, document: Document, why: string]>([
  ['a.b', 'c', { a: [{ b: 1 }] }, 'inside an array'],
  ['a.b', 'a.c', { a: [{ b: 1 }] }, 'inside an array'],
  ['a', 'b.c', { a: 1, b: 5 }, 'something other than a document'],
  ['a', 'b.c', { a: 1, b: null }, 'something other than a document'],
  ['a', 'b.c', { a: 1, b: [{}] }, 'something other than a document'],
  ['a', 'b.c.d', { a: 1, b: { c: 1 } }, 'something other than a document'],
])('renameField %j to %j names the documents in its way: %j', async (from, to, document, why) => {
  await fill([document, { a: 1 }, { a: { b: 1 } }]);
  const before = await all();
  await expect(runSteps(database.db, [rename(from, to)])).rejects.toThrow(errorWith({ code: 'PREFLIGHT', why }));
  expect(await all()).toEqual(before);
});

it.each<[from: FieldPath, to: FieldPath, why: string]>([
  ['a', 'a', 'is inside the other'],
  ['a', 'a.b', 'is inside the other'],
  ['a.b', 'a', 'is inside the other'],
  ['_id', 'a', 'an _id never changes'],
  ['a', '_id', 'an _id never changes'],
  ['a.$[].b', 'c', 'begins with a dollar sign'],
])('renameField refuses %j to %j', (from, to, why) => {
  expect(() => rename(from, to)).toThrow(errorWith({ code: 'MIGRATION', why }));
});

it('renameField refuses a policy that it does not know', () => {
  const make = () => rename('a', 'b', { onConflict: 'keep both' as 'keep to' });
  expect(make).toThrow(errorWith({ code: 'MIGRATION', fix: "'keep from', 'keep to'" }));
});

it.each(['up', 'down'] as const)(
  'A renameField that is stopped before any of its writes is whole in the end: %s',
  async (direction) => {
    const [source, target] = direction === 'up' ? ['a', 'b'] : ['b', 'a'];
    const writes = await killAtEachWrite(database.db, [rename('a', 'b')], direction, {
      fill: () => fill([1, 2, 3, 4, 5].map((value) => ({ [source]: value }))),
      check: async () => {
        expect(await all()).toEqual([1, 2, 3, 4, 5].map((value) => ({ [target]: value })));
      },
    });
    expect(writes).toBeGreaterThan(3);
  },
);
