import { describe, expect, it } from 'vitest';
import type { Document } from 'mongodb';
import { needsOf } from '../../src/queries/needs';
import { verdictOn } from '../../src/queries/serving';
import type { Index } from '../../src/schema';

const verdict = (filter: Document, sort: Document | undefined, ...indexes: Index[]) => {
  const needs = needsOf({ operation: 'find', filter, sort, hasCollation: false, isCut: false });
  const named = Object.fromEntries(indexes.map((index, at) => [`i${at}`, index]));
  return verdictOn(needs, 'c', { c: { options: {}, indexes: named } });
};
const key = (...fields: [string, number | string][]): Index => ({ key: Object.fromEntries(fields) });
const both = { a: 1, b: { $gt: 1 } };

describe('The index that serves a query', () => {
  it.each<[string, Document, Document | undefined, Index]>([
    ['has the fields that equal a value in any order', { a: 1, b: 2 }, undefined, key(['b', 1], ['a', -1])],
    ['may go on', { a: 1 }, undefined, key(['a', 1], ['x', 'text'])],
    ['has the sort after them', { a: 1 }, { s: -1 }, key(['a', 1], ['s', -1])],
    ['may be read from its end', { a: 1 }, { s: -1, t: 1 }, key(['a', 1], ['s', 1], ['t', -1])],
    ['has the range last', both, { s: 1 }, key(['a', 1], ['s', 1], ['b', 1])],
    ['needs no more for a range on what it is sorted by', { s: { $gt: 1 } }, { s: 1 }, key(['s', 1])],
    ['serves a list of values as one', { a: { $in: [1, 2] } }, undefined, key(['a', 1])],
    ['may be hashed for one value', { a: 1 }, undefined, key(['a', 'hashed'])],
    ['may be sparse where a value is asked for', { a: 1 }, undefined, { ...key(['a', 1]), sparse: true }],
  ])('%s', (_, filter, sort, index) => {
    expect(verdict(filter, sort, index)).toEqual({ servedBy: 'i0' });
  });

  it.each<[string, Document, Document | undefined, Index]>([
    ['another first field', { a: 1 }, undefined, key(['x', 1], ['a', 1])],
    ['the sort before equality', { a: 1 }, { s: 1 }, key(['s', 1], ['a', 1])],
    ['other directions', {}, { s: 1, t: 1 }, key(['s', 1], ['t', -1])],
    ['the range before the sort', both, { s: 1 }, key(['a', 1], ['b', 1], ['s', 1])],
    ['a part of the documents', { a: 1 }, undefined, { ...key(['a', 1], ['b', 1]), partialFilterExpression: { b: 1 } }],
    ['other rules for texts', { a: 1 }, undefined, { ...key(['a', 1], ['b', 1]), collation: { locale: 'de' } }],
    ['hidden', { a: 1 }, undefined, { ...key(['a', 1], ['b', 1]), hidden: true }],
  ])('is none with %s', (_, filter, sort, index) => {
    expect(verdict(filter, sort, index)).toHaveProperty('wanted');
  });

  it('is wanted by equality, sort, and one range', () => {
    expect(verdict({ b: { $gt: 1 }, a: 1, c: { $lt: 5 } }, { s: -1, a: 1 })).toEqual({
      wanted: { name: 'a_1_s_-1_b_1', key: { a: 1, s: -1, b: 1 } },
    });
    expect(verdict({ _id: 1, a: 1 }, undefined)).toEqual({ servedBy: '_id_' });
    expect(verdict({ $or: [{ a: 1 }, { b: 1 }] }, undefined)).toHaveProperty('none');
    expect(verdict({ 'm.64b000000000000000000000': 1 }, undefined)).toHaveProperty('none');
  });
});
