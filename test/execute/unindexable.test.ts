import { Decimal128, Long, type Document } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { lookBefore } from '../../src/execute';
import { createCollections, createIndexes, type IndexDefinition } from '../../src/migration';
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
const points: readonly Document[] = [
  {},
  { a: 5 },
  ...values.map((place) => ({ a: { place } })),
  { a: [{ place: [1, 2] }, { place: [1, 200] }] },
  { a: [{ place: [1, 2] }, {}, 5, { place: 5 }] },
  { a: [[{ place: [1, 200] }]] },
  { a: { place: [1, 2] }, b: [1, [2]] },
];

const languages: readonly Document[] = [
  {},
  ...['german', 'EN', 'klingon', '', 'english ', 5, null, ['english'], {}].flatMap((language): Document[] => [
    { language, a: 'x' },
    { a: { language, b: 'x' } },
    { a: { language, b: 5 } },
    { a: [{ b: 'x' }, { language, b: 'x' }] },
    { a: [[{ language, b: 'x' }]] },
    { a: { b: { c: [{ d: { e: { language, f: 'x' } } }] } } },
  ]),
];

describe.each<[string, readonly Document[], Omit<IndexDefinition, 'serves'>]>([
  ['a 2d index', points, { name: 'a.place_2d_b_1', key: { 'a.place': '2d', b: 1 } }],
  ['a 2d index with bounds', points, { name: 'a.place_2d_b_1', key: { 'a.place': '2d', b: 1 }, min: 0, max: 200 }],
  ['a text index on a field', languages, { name: 'a.b_text', key: { 'a.b': 'text' } }],
  ['a text index on all fields', languages, { name: '$**_text', key: { '$**': 'text' } }],
])('The look ahead of %s', (_title, documents, definition) => {
  it('finds the documents that the server refuses to index, and no others', async () => {
    const { db } = database;
    const [change] = createIndexes('looked', [{ ...definition, serves: 'a test' }]).changes;
    const draft = new Draft(fold(createCollections('looked').changes));
    const [looked, indexed] = [db.collection('looked'), db.collection('indexed')];
    await Promise.all([looked, indexed].map((collection) => collection.drop().catch(() => undefined)));
    const { name, key, ...options } = definition;
    await db.command({ createIndexes: 'indexed', indexes: [{ name, key, ...options }] });
    const all: Document[] = documents.map((document, _id) => ({ ...document, _id }));
    await looked.insertMany(all);
    const refused: unknown[] = [];
    for (const document of all) await indexed.insertOne(document).catch(() => refused.push(document['_id']));
    expect(refused.length).toBeGreaterThan(20);
    const inTheWay = async () => {
      const findings = await lookBefore(db, change as Change, { draft, removed: [] });
      return findings.filter(({ kind }) => kind === 'documents in the way');
    };
    expect(await inTheWay()).toMatchObject([{ blocks: true, count: refused.length }]);
    await looked.deleteMany({ _id: { $in: refused } } as Document);
    expect(await inTheWay()).toEqual([]);
  });
});
