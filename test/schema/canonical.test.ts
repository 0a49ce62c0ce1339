import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  canonicalJson,
  equal,
  fromWire,
  hashChanges,
  type Change,
  type Index,
  type PlainObject,
  type Schema,
} from '../../src/schema';
import { seed } from '../support/seed';
import { schemas } from './arbitraries';

const withIndex = (index: Index): Schema => ({ users: { options: {}, indexes: { i: index }, documents: {} } });
const withValidator = (validator: PlainObject): Schema => ({
  users: { options: {}, validator: { validator: { $jsonSchema: validator } }, indexes: {}, documents: {} },
});

/** The same value with the names in each object the other way round, save for the order in index keys and pipelines. */
function turned(value: unknown, name = ''): unknown {
  if (typeof value !== 'object' || value === null || name === 'key' || name === 'pipeline') return value;
  if (Array.isArray(value)) return value.map((item) => turned(item));
  const entries = Object.entries(value).toReversed();
  return Object.fromEntries(entries.map(([inner, item]: [string, unknown]) => [inner, turned(item, inner)]));
}

describe('Canonical JSON', () => {
  it('sorts names at every depth by code unit, and ends in a line end', () => {
    const text = canonicalJson({
      b: { options: { size: 256, capped: true }, indexes: {}, documents: {} },
      B: { options: {}, indexes: {}, documents: { '2': { z: 1, _id: 2, a: { d: 1, c: 2 } } } },
    });
    expect(text.endsWith('}\n')).toBe(true);
    expect([...text.matchAll(/"(\w+)":/g)].map(([, name]) => name)).toEqual(
      'B options indexes documents 2 _id a c d z b options capped size indexes documents'.split(' '),
    );
  });

  it('is the same however the names in a schema are ordered', () => {
    fc.assert(
      fc.property(schemas, (schema) => {
        expect(canonicalJson(turned(schema) as Schema)).toBe(canonicalJson(schema));
      }),
      { seed },
    );
  });

  it('holds the whole schema', () => {
    fc.assert(
      fc.property(schemas, (schema) => {
        expect(JSON.parse(canonicalJson(schema))).toEqual(schema);
      }),
      { seed },
    );
  });

  it('keeps the order inside the key of an index, which means something', () => {
    const [one, other] = [withIndex({ key: { b: 1, a: 1 } }), withIndex({ key: { a: 1, b: 1 } })];
    expect(canonicalJson(one)).not.toBe(canonicalJson(other));
    expect(canonicalJson(one)).toMatch(/"b": 1,\s+"a": 1/);
  });

  it('sorts the other parts of an index', () => {
    expect(canonicalJson(withIndex({ unique: true, key: { a: 1 }, collation: { strength: 2, locale: 'de' } }))).toBe(
      canonicalJson(withIndex({ collation: { locale: 'de', strength: 2 }, key: { a: 1 }, unique: true })),
    );
  });

  it.each(['required', 'enum', 'bsonType', 'type'])('takes %s in a validator for a set, at any depth', (keyword) => {
    const nested = (values: string[]) => withValidator({ properties: { a: { items: { [keyword]: values } } } });
    expect(canonicalJson(nested(['x', 'y', 'z']))).toBe(canonicalJson(nested(['z', 'x', 'y'])));
    expect(canonicalJson(nested(['x', 'y']))).not.toBe(canonicalJson(nested(['x', 'z'])));
  });

  it('keeps the order of every other array in a validator', () => {
    const [one, two] = [{ minimum: 1 }, { maximum: 2 }];
    expect(canonicalJson(withValidator({ allOf: [one, two] }))).not.toBe(
      canonicalJson(withValidator({ allOf: [two, one] })),
    );
  });

  it('takes arrays in a reference document for lists', () => {
    const row = (required: string[]): Schema => ({
      a: { options: {}, indexes: {}, documents: { '1': { _id: 1, required } } },
    });
    expect(canonicalJson(row(['a', 'b']))).not.toBe(canonicalJson(row(['b', 'a'])));
  });
});

function schemaOf(keywords: PlainObject): PlainObject {
  return { $jsonSchema: { properties: { a: keywords } } };
}

/** Two properties, in either order. */
function pq2(first: number, second: number): PlainObject {
  const names: Record<number, string> = { 1: 'p', 2: 'q' };
  return Object.fromEntries([first, second].map((at) => [names[at] ?? '', { minimum: at }]));
}

describe('Two values at a place', () => {
  it('are equal when only the order of names differs', () => {
    expect(equal('collection', { capped: true, size: 1 }, { size: 1, capped: true })).toBe(true);
    expect(equal('document', { _id: 1, b: 2 }, { b: 2, _id: 1 })).toBe(true);
  });

  const [pq, qp] = [
    { p: 1, q: 2 },
    { q: 2, p: 1 },
  ];
  const filters: readonly (readonly [where: string, one: PlainObject, other: PlainObject])[] = [
    ['a field', { a: pq }, { a: qp }],
    ['$eq', { a: { $eq: pq } }, { a: { $eq: qp } }],
    ['$in', { $and: [{ a: { $in: [pq] } }] }, { $and: [{ a: { $in: [qp] } }] }],
    ['$not', { a: { $not: { $gt: pq } } }, { a: { $not: { $gt: qp } } }],
    ['$elemMatch', { a: { $elemMatch: { b: pq } } }, { a: { $elemMatch: { b: qp } } }],
    ['$all', { a: { $all: [pq] } }, { a: { $all: [qp] } }],
    ['an enum', schemaOf({ enum: [pq] }), schemaOf({ enum: [qp] })],
    ['$expr', { $expr: { $eq: ['$a', pq] } }, { $expr: { $eq: ['$a', qp] } }],
    ['$literal', { $expr: { $eq: ['$a', { $literal: [pq] }] } }, { $expr: { $eq: ['$a', { $literal: [qp] }] } }],
    ['sortBy', { $expr: { $sortArray: { input: '$a', sortBy: pq } } }, { $expr: { $sortArray: { input: '$a', sortBy: qp } } }],
    ['numbers', { a: 5 }, { a: { $numberLong: '5' } }],
  ]; // prettier-ignore

  it.each(filters)('differ when the order in a literal does, or its type: %s', (_where, one, other) => {
    expect(equal('validator', { validator: one }, { validator: other })).toBe(false);
    const indexes = [one, other].map((partialFilterExpression) => ({ key: { a: 1 }, partialFilterExpression }));
    expect(equal('index', indexes[0], indexes[1])).toBe(false);
  });

  it.each<readonly [where: string, one: PlainObject, other: PlainObject]>([
    ['conditions', { a: 1, b: 2 }, { b: 2, a: 1 }],
    ['operators', { a: { $gt: 1, $lt: 5 } }, { a: { $lt: 5, $gt: 1 } }],
    ['properties', schemaOf({ properties: pq2(1, 2) }), schemaOf({ properties: pq2(2, 1) })],
    ['an enum', schemaOf({ enum: [1, 2] }), schemaOf({ enum: [2, 1] })],
    ['what a keyword counts', schemaOf({ minimum: 5 }), schemaOf({ minimum: { $numberLong: '5' } })],
    ['arguments', { $expr: { $let: { vars: pq, in: true } } }, { $expr: { $let: { in: true, vars: qp } } }],
  ])('are equal when only names change places that the server knows by name: %s', (_where, one, other) => {
    expect(equal('validator', { validator: one }, { validator: other })).toBe(true);
  });

  it('differ when documents in a row do', () => {
    expect(equal('document', { _id: 1, a: pq }, { _id: 1, a: qp })).toBe(false);
    expect(equal('document', { _id: 1, ...pq }, { _id: 1, ...qp })).toBe(false);
  });

  it('differ when one of them is absent', () => {
    expect(equal('collection', {}, undefined)).toBe(false);
    expect(equal('collection', undefined, {})).toBe(false);
    expect(equal('collection', undefined, undefined)).toBe(true);
  });
});

describe('The hash of changes', () => {
  const one = fromWire({ at: ['a', 'options'], to: { capped: true, size: 256 } });
  const two = fromWire({ at: ['a', 'validator'], to: { validator: { $jsonSchema: { required: ['a', 'b'] } } } });

  it('is a sha256 that does not see how a value is written down', () => {
    const rewritten = fromWire({ at: ['a', 'options'], to: { size: 256, capped: true } });
    const reordered = fromWire({
      at: ['a', 'validator'],
      to: { validator: { $jsonSchema: { required: ['b', 'a'] } } },
    });
    expect(hashChanges([one, two])).toMatch(/^[0-9a-f]{64}$/);
    expect(hashChanges([rewritten, reordered])).toBe(hashChanges([one, two]));
  });

  it('sees the order of the changes, their places and their sides', () => {
    const index = (key: Index['key']) => fromWire({ at: ['a', 'indexes', 'i'], to: { key } });
    const variants: Change[][] = [
      [one, two],
      [two, one],
      [fromWire({ at: ['b', 'options'], to: one.to }), two],
      [fromWire({ at: ['a', 'options'], from: { capped: true, size: 256 } }), two],
      [one, two, index({ a: 1, b: 1 })],
      [one, two, index({ b: 1, a: 1 })],
      [],
    ];
    expect(new Set(variants.map(hashChanges)).size).toBe(variants.length);
  });
});
