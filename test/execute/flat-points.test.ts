import { Decimal128, Long, type Document } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { lookBefore } from '../../src/execute';
import { createCollections, createIndexes } from '../../src/migration';
import { Draft, fold, type Change } from '../../src/schema';
import { useDatabase } from '../support/database';

const database = useDatabase();

const point = { x: 1, y: 2 };
const values: readonly unknown[] = [
  ...[null, 5, 'x', true, new Date(), [], {}],
  ...[[1], [1, 2], [1, 2, 'x'], ['a', 1], [1, 'b'], [null, 1], [1, null], [true, 1], [new Date(), 1]],
  ...[
    [
      [1, 2],
      [3, 4],
    ],
    [[1, 2], 3],
    [
      [1, 2],
      [3, 400],
    ],
    [[1, 2], 'x'],
    [[1, 2], []],
    [[]],
    [[[1, 2]]],
  ],
  ...[
    [180, -180],
    [181, 0],
    [0, -180.0001],
    [Number.NaN, 1],
    [1, Infinity],
    [new Long(1), new Long(-181)],
  ],
  ...[
    [Decimal128.fromString('1'), Decimal128.fromString('180')],
    [Decimal128.fromString('NaN'), 1],
  ],
  ...[point, { x: 1 }, { x: 'a', y: 1 }, { x: 200, y: 1 }, { a: 1, b: 2, c: 'x' }, { a: [1, 2] }, { a: point }],
  ...[[point], [{ x: 1, y: 200 }], [{ x: 1 }], [{}, point], [point, [1, 2]], [point, 5], { x: [1, 2], y: 1 }],
  ...[
    { type: 'Point', coordinates: [1, 2] },
    { x: point, y: 1 },
    { x: [1, 2], y: [3, 4] },
  ],
];
const documents: Document[] = [
  {},
  { a: 5 },
  ...values.map((place) => ({ a: { place } })),
  { a: [{ place: [1, 2] }, { place: [1, 200] }] },
  { a: [{ place: [1, 2] }, {}, 5, { place: 5 }] },
  { a: [[{ place: [1, 200] }]] },
  { a: { place: [1, 2] }, b: [1, [2]] },
];

describe.each<[string, Document]>([
  ['a 2d index', {}],
  ['one with bounds of its own', { min: 0, max: 200 }],
])('The look ahead of %s', (_title, bounds) => {
  it('finds the documents that the server refuses to index, and no others', async () => {
    const { db } = database;
    const definition = { name: 'place', key: { 'a.place': '2d', b: 1 }, ...bounds, serves: 'a test' } as const;
    const [change] = createIndexes('places', [{ ...definition, name: 'a.place_2d_b_1' }]).changes;
    const draft = new Draft(fold(createCollections('places').changes));
    const [looked, indexed] = [db.collection('places'), db.collection('indexed')];
    await Promise.all([looked.deleteMany({}), indexed.drop().catch(() => undefined)]);
    await indexed.createIndex({ 'a.place': '2d', b: 1 }, bounds, {});
    const all: Document[] = documents.map((document, _id) => ({ ...document, _id }));
    await looked.insertMany(all, { ignoreUndefined: true });
    const refused: unknown[] = [];
    for (const document of all) await indexed.insertOne(document).catch(() => refused.push(document['_id']));
    const findings = await lookBefore(db, change as Change, { draft, removed: [] });
    expect(refused.length).toBeGreaterThan(20);
    const found = findings.find(({ kind }) => kind === 'documents in the way');
    expect(found).toMatchObject({ blocks: true, count: refused.length });
    for (const _id of refused) {
      await looked.deleteOne({ _id } as Document);
    }
    const left = await lookBefore(db, change as Change, { draft, removed: [] });
    expect(left.filter(({ kind }) => kind === 'documents in the way')).toEqual([]);
  });
});
